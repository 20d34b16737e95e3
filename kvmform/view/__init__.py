"""Human and JSON twins of everything kvmform says; human text is made from the JSON model."""
