"""Mail: letters come in by SMTP or a pipe, deliveries go out through a relay.

Nothing may be imported here: the child that reads letters loads this package without Django.
"""
