"""The laws of the house, held by tests: what no review should have to look for."""
