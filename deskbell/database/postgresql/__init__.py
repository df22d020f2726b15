"""PostgreSQL with statements that the server keeps: named as ENGINE in settings.py, used by nobody directly."""
