a = 1

block "x" {
  b   = 2 # c
  ccc = <<EOT
 x

 EOT
}
