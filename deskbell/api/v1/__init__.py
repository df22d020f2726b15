"""The addresses of the API, one file for each resource; api.py puts them together."""
