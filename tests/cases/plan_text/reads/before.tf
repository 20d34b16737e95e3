resource "terraform_data" "path" { input = "none" }
