resource "terraform_data" "lines" { input = "one\n2\nthree\n" }
resource "terraform_data" "inserted" { input = "zero\none\ntwo\nand a half\nthree\n" }
resource "terraform_data" "taken_out" { input = "one\nthree\n" }
resource "terraform_data" "to_one_line" { input = "one" }
resource "terraform_data" "cloud_config" {
  input = <<-END
    #cloud-config
    users:
      - name: a
        sudo: true
    packages: [b, c]
  END
}
resource "terraform_data" "json" { input = jsonencode({ a = 2, b = [1, { c = "D" }], f = null, g = {} }) }
resource "terraform_data" "json_list" { input = "[1, 3, 4]" }
resource "terraform_data" "json_whitespace" { input = "{\"a\": 1}" }
resource "terraform_data" "json_trigger" { triggers_replace = "{\"a\": 1}" }
resource "terraform_data" "json_type" { input = "[\"a\", 1]" }
resource "terraform_data" "to_json" { input = "{\"a\": 1}" }
resource "terraform_data" "no_json" { input = "{ still not" }
resource "terraform_data" "json_numbers" { input = "{\"a\": 1.5, \"b\": 12345678901234567890}" }
resource "terraform_data" "trigger" { triggers_replace = "one\ntwo\nthree\n" }
