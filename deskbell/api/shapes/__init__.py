"""What the API shows: one file for each thing, its shape and how it is read from the tables."""
