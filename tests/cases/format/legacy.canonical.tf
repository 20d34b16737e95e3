variable "list" { type = list(string) }
variable "a" {
  type    = string
  default = list("a")
}
variable "b" {
  type = map(string)
}
variable "c" { type = list(any) }
variable "d" { type = set(any) }
variable "e" { type = map(any) }
variable "f" { type = "number" }
variable "g" {
  type = list(string)
  validation {
    condition = var.g
  }
}
resource "x" "y" {
  type      = "list"
  whole     = var.a
  text      = "${var.a} "
  two       = "${var.a}${var.b}"
  nested    = foo("${var.a}", "b")
  condition = var.a ? "x" : "y"
  lines = (var.a ?
    1 :
  2)
  trimmed = var.a
  call = (merge(
    { a = 1 },
    { b = 2 },
  ))
  in_parentheses = (
    1 + 2
  )
  commented = var.a # why

  not_here = { inner = "${var.a}" }
  list     = ["${var.a}"]
  number   = 1
  object   = { a = 1 }
}
