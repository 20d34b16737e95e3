variable "base_image" {
  description = "Disk image that the guests boot (qcow2): a path, or an http(s) URL."
  type        = string
}

variable "guests" {
  description = "The guests, by name: memory in MiB, and number of processors."
  type = map(object({
    memory = optional(number, 256)
    vcpu   = optional(number, 1)
  }))
  default = {
    web = {}
    db  = { memory = 192 }
  }
}

variable "pool_path" {
  description = "Directory on the host for the images."
  type        = string
  default     = "/var/lib/libvirt/images/kvmform-quickstart"
}
