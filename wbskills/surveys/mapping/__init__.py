"""What columns and answers mean: the mapping file, fitted to the columns of one file."""
