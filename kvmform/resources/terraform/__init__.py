"""What Terraform has built in."""
