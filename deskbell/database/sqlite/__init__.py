"""SQLite with a fair write lock: named as ENGINE in settings.py, used by nobody directly."""
