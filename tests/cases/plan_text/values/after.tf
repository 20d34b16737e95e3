resource "terraform_data" "string" { input = "b" }
resource "terraform_data" "number" { input = 20 }
resource "terraform_data" "fraction" { input = 0.1 }
resource "terraform_data" "truth" { input = false }
resource "terraform_data" "from_null" { input = { a = null } }
resource "terraform_data" "other_type" { input = 1 }
resource "terraform_data" "list_to_object" { input = { a = 1 } }
resource "terraform_data" "string_to_list" { input = ["a"] }
resource "terraform_data" "odd_characters" { input = "ü \u0007 日本語 \U0001F600 ${"$"}{x}" }
resource "terraform_data" "same" { input = "same" }
resource "terraform_data" "object" {
  input = {
    id    = "always"
    name  = "shown"
    tags  = { a = 1 }
    other = "hidden"
    null  = null
    new   = [terraform_data.string.output]
    "odd key" = "c"
    nested = { same = 1, other = terraform_data.string.output }
  }
}
