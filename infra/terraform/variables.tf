variable "region" {
  description = "Where the bucket and the registry are."
  type        = string
  default     = "us-east-1"
}

variable "bucket" {
  description = "Name of the bucket that holds the store; unique in all of S3."
  type        = string
}

variable "prefix" {
  description = "Where in the bucket the store is: CASE2CODE_STORE is s3://BUCKET/PREFIX."
  type        = string
  default     = "store"
}

variable "keep_old_versions_days" {
  description = "How long an object that was deleted or overwritten can be brought back."
  type        = number
  default     = 30
}
