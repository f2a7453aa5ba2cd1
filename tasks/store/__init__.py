"""The artifact store: content-addressed, immutable, in a local folder or on S3."""
