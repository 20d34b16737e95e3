resource "terraform_data" "old" { input = 1 }
resource "terraform_data" "forgotten" { input = 1 }
resource "terraform_data" "tainted" { input = 1 }
resource "terraform_data" "requested" { input = 1 }
resource "terraform_data" "triggered" {
  lifecycle { replace_triggered_by = [terraform_data.changed] }
}
resource "terraform_data" "changed" { input = "a" }
resource "terraform_data" "one" { input = 1 }
resource "terraform_data" "moved_and_changed" { input = 1 }
resource "terraform_data" "new_first" {
  triggers_replace = 1
  lifecycle { create_before_destroy = true }
}
output "kept" { value = 1 }
output "taken_away" { value = { a = "b" } }
output "changed_and_long" { value = "a" }
