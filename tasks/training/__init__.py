"""Fine-tuning: a data set and a base model in, an adapter or a full model out."""
