# Who may do what in the store: policies to attach to the roles of workers, readers and the person
# or job that cleans up. None of them can change the bucket, or read the versions of old objects.

locals {
  objects = "${aws_s3_bucket.store.arn}/${var.prefix}/*"
}

data "aws_iam_policy_document" "list" {
  statement {
    sid       = "ListTheStore"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.store.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.prefix}/*"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  source_policy_documents = [data.aws_iam_policy_document.list.json]

  statement {
    sid       = "ReadTheStore"
    actions   = ["s3:GetObject"]
    resources = [local.objects]
  }
}

# Workers delete as well: the trial objects of `doctor`, answers that were packed together, the
# checkpoints of a training that has ended. Deleting leaves the old version, which they cannot reach.
data "aws_iam_policy_document" "work" {
  source_policy_documents = [data.aws_iam_policy_document.read.json]

  statement {
    sid       = "WriteToTheStore"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
    resources = [local.objects]
  }
}

resource "aws_iam_policy" "read" {
  name        = "case2code-read-${var.bucket}"
  description = "Reads data sets and models of the store"
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy" "work" {
  name        = "case2code-work-${var.bucket}"
  description = "Reads and writes the store"
  policy      = data.aws_iam_policy_document.work.json
}
