resource "terraform_data" "a" { input = { list = [1, null], text = "one\ntwo\n" } }
resource "terraform_data" "many" {
  for_each = toset(["a", "b c"])
  input    = each.key
}
output "a" { value = terraform_data.a.output }
