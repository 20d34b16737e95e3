# first
// second
/* third */
a               = 1 /* after */ + /* before */ 2
/* leading */ b = 2
/* several
         lines */
c = [ # opening
  1,  # one
  22, // two
  # alone
  333 /* three */,
]       # closing
block { # at the brace
  # only this
}      // done
d = f( # call
x, /* y */ z)

