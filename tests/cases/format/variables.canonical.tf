name = "x"
list = ["a",
"b"]
