"""The process that makes the backup of one night; nightly.begin() starts it."""

import os
import sys

import django

# Everybody else on the machine goes first.
NICENESS = 10


def main() -> int:
    """Return 0 when the backup is there, 1 when it failed, which is written down."""
    os.umask(0o077)
    os.nice(NICENESS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskbell.settings")
    django.setup()
    from deskbell.running import nightly

    return 0 if nightly.make_it() else 1


if __name__ == "__main__":
    sys.exit(main())
