"""What a data set looks like: figures as JSON, and the page that shows them."""
