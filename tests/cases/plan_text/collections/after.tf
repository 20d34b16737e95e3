resource "terraform_data" "changed" { input = ["a", "b", "X", "d", "e"] }
resource "terraform_data" "longer" { input = ["a", "b", "X", "c", "d", "e", "Y"] }
resource "terraform_data" "shorter" { input = ["b", "c", "e"] }
resource "terraform_data" "reordered" { input = ["e", "b", "c", "d", "a"] }
resource "terraform_data" "doubled" { input = ["b", "a", "a", "c", "c"] }
resource "terraform_data" "emptied" { input = [] }
resource "terraform_data" "filled" { input = [terraform_data.changed.output, "b"] }
resource "terraform_data" "objects" { input = [{ name = "a", x = 1 }, { name = "b", x = 2 }, { name = "c", x = 1 }] }
resource "terraform_data" "more_objects" { input = [{ name = "a", x = 1 }, { name = "b", x = 1, y = 1 }, { name = "c", x = 2 }] }
resource "terraform_data" "lists" { input = [[1, 2, 3], [3]] }
resource "terraform_data" "with_null" { input = ["b", null] }
resource "terraform_data" "map" { input = tomap({ a = "1", b = "X", new = "3" }) }
resource "terraform_data" "set" { input = toset(["a", "c", "d"]) }
resource "terraform_data" "map_of_objects" { input = tomap({ a = { x = 1 }, b = { x = 3 }, c = { x = 4 } }) }
