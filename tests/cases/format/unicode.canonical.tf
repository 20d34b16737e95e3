été        = 1          # é
naïve_name = "日本語"      # two
n          = "👩‍👩‍👧 family" # three
e          = "é"        # decomposed
object     = { "ключ" = 1, ключ = 2 }
