"""How samples become a data set: splits, Parquet files, a card."""
