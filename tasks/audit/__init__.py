"""What is wrong with a data set, somebody else's too: items, and checks of each by itself."""
