a         = 1
long_name = 2
# a comment between breaks nothing but the chain of assignments
b = [
  1, 2,
]
c   = 3  # why
ddd = 44 // because
e   = { x = 1, yy = 2 }

f = 5 /* short */
object = {
  a            = 1 # one
  bbb          = 2
  "quoted key" = 3 # three
  (var.key)    = 4
  nested = {
    deep : 1
    deeper : 2
  }
}
