resource "terraform_data" "changed" { input = ["a", "b", "c", "d", "e"] }
resource "terraform_data" "longer" { input = ["a", "b", "c", "d", "e"] }
resource "terraform_data" "shorter" { input = ["a", "b", "c", "d", "e"] }
resource "terraform_data" "reordered" { input = ["a", "b", "c", "d", "e"] }
resource "terraform_data" "doubled" { input = ["a", "b", "a", "c"] }
resource "terraform_data" "emptied" { input = ["a"] }
resource "terraform_data" "filled" { input = [] }
resource "terraform_data" "objects" { input = [{ name = "a", x = 1 }, { name = "b", x = 1 }, { name = "c", x = 1 }] }
resource "terraform_data" "more_objects" { input = [{ name = "a", x = 1 }, { name = "c", x = 1 }] }
resource "terraform_data" "lists" { input = [[1, 2], [3]] }
resource "terraform_data" "with_null" { input = [null, "a"] }
resource "terraform_data" "map" { input = tomap({ a = "1", b = "2", longer = "3" }) }
resource "terraform_data" "set" { input = toset(["a", "b", "c"]) }
resource "terraform_data" "map_of_objects" { input = tomap({ a = { x = 1 }, b = { x = 2 } }) }
