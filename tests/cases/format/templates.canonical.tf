a = "x${var.a}y${var.b}"
b = { a = 1 }
c = "%{if a}${b}%{else}-${- 1}%{endif}"
d = "${~a~}${b}"
e = "nested ${"inner ${deep}"}"
f = "$${not} %%{this} \"quoted\" \n"
g = "a  b   c"
h = ""
