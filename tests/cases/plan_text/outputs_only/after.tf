output "a" { value = 1 }
output "list" { value = [1, 2, 3] }
output "text" { value = "one\ntwo" }
output "null" { value = null }
