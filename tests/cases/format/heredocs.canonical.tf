plain = <<EOT
  kept   as it is ${var.a}
    EOT
indented = <<-EOT
      also   ${jsonencode({
a  = 1
bb = 2
})} and  %{if x}yes%{else}no%{~endif~}
      EOT
after = 1
call = f(<<A
a
A
  , <<B
b
B
)
list = [<<EOT
text
EOT
  , <<-EOT
text
EOT
]
object = {
  text  = <<EOT
#!/bin/sh
a = 1
EOT
  other = 1
}
cloud = templatestring(<<-EOT
    ${one}
  EOT
, {})
last = <<EOT
EOT
