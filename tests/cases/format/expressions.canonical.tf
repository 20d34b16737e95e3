sum          = 1 + 2 * 3 - -4 / 5 % 6
negative     = -1
negated      = !var.off && !var.on || (-x) >= -y
minus        = [-1, -2, a - b, (a) - b, a-b, 1 - 1, 2 - 2]
comparison   = a == b != c <= d >= e < f > g
conditional  = a ? b : c
nested       = a ? b : c ? -1 : []
index        = a[0].b["c"].*.d[*].e.0
call         = f(a, b...)
namespaced   = provider::x::f()
parentheses  = ((a))
tuple        = [a, b, [c], {}]
object       = { a = 1, b : 2, "c" = 3 }
empty        = []
none         = {}
for_list     = [for x in [1, 2] : x if x > -1]
for_object   = { for k, v in var.m : k => v... if v != null }
for_negative = { for k, v in m : k => - v }
in_name      = in[0]
several = (
  a ||
  b
)
call_of_several_lines = merge({
  a = 1
  },
  {
    b = 2
})
chain = a ? {
  x = 1
  } : {
  y = 2
}
