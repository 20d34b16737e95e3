variable "template_image" {
  description = "The image that all guests are made from (qcow2)."
  type        = string
}

variable "size" {
  description = "How many guests."
  type        = number
  default     = 3

  validation {
    condition     = var.size >= 0 && floor(var.size) == var.size
    error_message = "The size of the fleet is a whole number, 0 or more."
  }
}

variable "prefix" {
  description = "What the names of the guests begin with."
  type        = string
  default     = "fleet"
}

variable "memory" {
  description = "Memory of each guest in MiB."
  type        = number
  default     = 192
}

variable "vcpu" {
  description = "Processors of each guest."
  type        = number
  default     = 1
}

variable "subnet" {
  description = "Addresses of the fleet's network."
  type        = string
  default     = "10.17.4.0/24"
}

variable "pool_path" {
  description = "Directory on the host below which the fleet's images are."
  type        = string
  default     = "/var/lib/libvirt/images"
}
