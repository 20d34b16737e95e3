resource "local_file" "text" {
  filename        = "out/a/text"
  content         = "hello é\n"
  file_permission = "0644"
}

resource "local_file" "bytes" {
  filename       = "out/bytes"
  content_base64 = "AAH/"
}

resource "local_file" "old_secret" {
  filename          = "out/old_secret"
  sensitive_content = "hush"
}

resource "local_sensitive_file" "secret" {
  filename = "out/secret"
  content  = "hush"
}

resource "archive_file" "zip" {
  type                    = "zip"
  source_content          = "content"
  source_content_filename = "name"
  output_path             = "out/zip"
}

resource "archive_file" "tar" {
  type             = "tar.gz"
  source_dir       = "site"
  excludes         = ["**/*.log"]
  output_file_mode = "0644"
  output_path      = "out/tar"
}
