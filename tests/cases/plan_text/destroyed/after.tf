# plan: -destroy
resource "terraform_data" "value" { input = { list = [1, "a"], text = "one\ntwo", json = "{\"a\": [1]}", empty = {}, none = [], map = tomap({ a = "b" }) } }
resource "terraform_data" "trigger" { triggers_replace = [1] }
resource "terraform_data" "many" {
  count = 2
  input = count.index
}
output "value" { value = terraform_data.value.output }
