variable "secret" {
  sensitive = true
  default   = "hunter2"
}
resource "terraform_data" "whole" { input = var.secret }
resource "terraform_data" "part" { input = { secret = var.secret, open = 1, list = [1, var.secret] } }
resource "terraform_data" "map" { input = { secret = sensitive("same"), other = 1 } }
resource "terraform_data" "goes" { input = { secret = var.secret } }
output "secret" {
  value     = var.secret
  sensitive = true
}
output "gone" {
  value     = [var.secret]
  sensitive = true
}
