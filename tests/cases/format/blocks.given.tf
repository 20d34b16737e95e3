resource libvirt_domain   "web"{
name="web"
  disk{volume_id=libvirt_volume.web.id}
  network_interface {}
    cpu {
mode = "host-passthrough"

      }
lifecycle{
ignore_changes=[name,
memory]
}
}
resource /* old */ "libvirt_pool" /* way */ lab /* of naming */ {
}
block "caf\u00e9" "a\tb" "" "$" { }
a { b = 1 }
a { b = [
  1,
] }
