"""Finding tickets: the language of the search bar and of `q=`, and what it selects."""
