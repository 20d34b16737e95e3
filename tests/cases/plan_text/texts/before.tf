resource "terraform_data" "lines" { input = "one\ntwo\nthree\n" }
resource "terraform_data" "inserted" { input = "one\ntwo\nthree\n" }
resource "terraform_data" "taken_out" { input = "one\ntwo\nthree\n" }
resource "terraform_data" "to_one_line" { input = "one\ntwo\n" }
resource "terraform_data" "cloud_config" {
  input = <<-END
    #cloud-config
    users:
      - name: a
    packages: [b]
  END
}
resource "terraform_data" "json" { input = jsonencode({ a = 1, b = [1, 2, { c = "d" }], e = true, f = null }) }
resource "terraform_data" "json_list" { input = "[1, 2, 3]" }
resource "terraform_data" "json_whitespace" { input = "{\"a\":1}" }
resource "terraform_data" "json_trigger" { triggers_replace = "{\"a\":1}" }
resource "terraform_data" "json_type" { input = "{\"a\":1}" }
resource "terraform_data" "to_json" { input = "text" }
resource "terraform_data" "no_json" { input = "{ not json" }
resource "terraform_data" "json_numbers" { input = "{\"a\": 1.50, \"b\": 12345678901234567890}" }
resource "terraform_data" "trigger" { triggers_replace = "one\ntwo\n" }
