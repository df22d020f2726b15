"""The whole desk in one file, and back: database, letters, attachments and key.  `bin/deskbell backup` and `restore`
call it, and prepare.py before an upgrade.  docs/decisions/0016 says why the database is copied first.
"""
