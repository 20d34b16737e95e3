variable "name" {
  type = string
}

resource "terraform_data" "inner" {
  input = "${var.name}-inner"
}

output "inner" {
  value = terraform_data.inner.output
}
