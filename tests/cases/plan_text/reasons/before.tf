resource "terraform_data" "no_config" { input = 1 }
resource "terraform_data" "count" {
  count = 2
  input = count.index
}
resource "terraform_data" "each" {
  for_each = toset(["a", "b c"])
  input    = each.key
}
resource "terraform_data" "count_to_each" {
  count = 1
  input = 1
}
resource "terraform_data" "each_to_one" {
  for_each = toset(["a"])
  input    = 1
}
resource "terraform_data" "moved_away" { input = 1 }
