name = "file"
