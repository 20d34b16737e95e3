variable "secret" {
  sensitive = true
  default   = "hunter3"
}
resource "terraform_data" "whole" { input = var.secret }
resource "terraform_data" "part" { input = { secret = var.secret, open = 2, list = [1, var.secret, 3] } }
resource "terraform_data" "map" { input = { secret = sensitive("same"), other = 2 } }
resource "terraform_data" "comes" { input = { secret = var.secret } }
output "secret" {
  value     = var.secret
  sensitive = true
}
output "new" {
  value     = { a = var.secret }
  sensitive = true
}
