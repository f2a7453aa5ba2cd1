output "store" {
  description = "CASE2CODE_STORE of the workers."
  value       = "s3://${aws_s3_bucket.store.id}/${var.prefix}"
}

output "policies" {
  description = "To attach to the roles of readers and workers."
  value = {
    read = aws_iam_policy.read.arn
    work = aws_iam_policy.work.arn
  }
}

output "images" {
  description = "Where images are pushed to."
  value       = { for name, image in aws_ecr_repository.image : name => image.repository_url }
}
