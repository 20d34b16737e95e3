resource "terraform_data" "string" { input = "a" }
resource "terraform_data" "number" { input = 1 }
resource "terraform_data" "fraction" { input = 1.25 }
resource "terraform_data" "truth" { input = true }
resource "terraform_data" "from_null" { input = null }
resource "terraform_data" "other_type" { input = "1" }
resource "terraform_data" "list_to_object" { input = [1, 2] }
resource "terraform_data" "string_to_list" { input = "a" }
resource "terraform_data" "odd_characters" { input = "é \u001b[31m \"quoted\" \\ 日本 \t." }
resource "terraform_data" "same" { input = "same" }
resource "terraform_data" "object" {
  input = {
    id    = "always"
    name  = "shown"
    tags  = { a = 1 }
    other = "hidden"
    null  = null
    gone  = "x"
    "odd key" = "b"
    nested = { same = 1, other = 2 }
  }
}
