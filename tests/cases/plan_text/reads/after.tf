resource "terraform_data" "path" { input = "other.tfstate" }
data "terraform_remote_state" "unknown" {
  backend  = "local"
  config   = { path = terraform_data.path.output }
  defaults = { a = [1, "x"] }
}
data "terraform_remote_state" "pending" {
  backend    = "local"
  config     = { path = "other.tfstate" }
  depends_on = [terraform_data.path]
}
output "read" { value = data.terraform_remote_state.unknown.outputs }
output "part" { value = { known = 1, unknown = data.terraform_remote_state.pending.outputs } }
