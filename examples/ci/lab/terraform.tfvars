guests = {
  web = { memory = 512, disk = 10 }
  db  = { memory = 1024, disk = 20 }
}
