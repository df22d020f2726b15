"""The tests: a mirror of deskbell/, the laws of the house, and stories in a browser."""
