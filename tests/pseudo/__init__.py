"""A language that nobody speaks, written from right to left: it shows what was never meant to be translated."""
