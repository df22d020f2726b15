"""How the desk is: facts are gathered, pure functions judge them, and a page, a command and a monitor are told.

Also what keeps it running by itself: the backup of every night, and a look at disk and certificate.
"""
