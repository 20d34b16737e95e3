output "a" { value = 1 }
output "list" { value = [1, 2] }
output "gone" { value = "x" }
