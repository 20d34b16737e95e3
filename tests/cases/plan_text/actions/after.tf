# first: taint terraform_data.tainted
# plan: -replace=terraform_data.requested
resource "terraform_data" "new" { input = 1 }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
resource "terraform_data" "changed_and_moved" { input = 2 }
moved {
  from = terraform_data.moved_and_changed
  to   = terraform_data.changed_and_moved
}
resource "terraform_data" "one" {
  count = 1
  input = 1
}
removed {
  from = terraform_data.forgotten
  lifecycle { destroy = false }
}
resource "terraform_data" "tainted" { input = 1 }
resource "terraform_data" "requested" { input = 1 }
resource "terraform_data" "triggered" {
  lifecycle { replace_triggered_by = [terraform_data.changed] }
}
resource "terraform_data" "changed" { input = "b" }
resource "terraform_data" "imported" {}
import {
  to = terraform_data.imported
  id = "abc"
}
resource "terraform_data" "imported_and_changed" { input = 7 }
import {
  to = terraform_data.imported_and_changed
  id = "abd"
}
resource "terraform_data" "new_first" {
  triggers_replace = 2
  lifecycle { create_before_destroy = true }
}
check "it_holds" {
  assert {
    condition     = terraform_data.new.input == 2
    error_message = "It does not."
  }
}
output "kept" { value = 1 }
output "changed_and_long" { value = terraform_data.changed.output }
output "new" { value = [terraform_data.changed.id, "known"] }
