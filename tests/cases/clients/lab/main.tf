variable "name" {
  type    = string
  default = "lab"
}

variable "names" {
  type    = list(string)
  default = ["a", "b"]
}

variable "sizes" {
  type    = map(number)
  default = { small = 1 }
}

variable "password" {
  type      = string
  default   = "secret"
  sensitive = true
}

resource "terraform_data" "web" {
  input = var.name
}

resource "terraform_data" "each" {
  for_each         = toset(var.names)
  input            = { name = each.key, sizes = var.sizes }
  triggers_replace = var.name
}

module "child" {
  source = "./child"
  name   = var.name
}

output "name" {
  value = terraform_data.web.output
}

output "names" {
  value = var.names
}

output "password" {
  value     = var.password
  sensitive = true
}
