"""Desks full of history: a believable small one, and a large one to measure with.  Only commands call it."""
