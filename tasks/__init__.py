"""The pipeline: from source files to a verified data set, one folder a step."""
