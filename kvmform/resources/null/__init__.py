"""Resources that do nothing but depend on others."""
