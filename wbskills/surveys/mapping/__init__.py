"""What the columns and answers of a survey mean."""
