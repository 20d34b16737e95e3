resource "terraform_data" "count" {
  count = 1
  input = count.index
}
resource "terraform_data" "each" {
  for_each = toset(["a"])
  input    = each.key
}
resource "terraform_data" "count_to_each" {
  for_each = toset(["z"])
  input    = 1
}
resource "terraform_data" "each_to_one" { input = 1 }
moved {
  from = terraform_data.moved_away
  to   = terraform_data.nowhere
}
