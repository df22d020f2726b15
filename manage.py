"""Django's own commands (makemigrations, shell …) for developers; operators use bin/deskbell."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskbell.settings")
    execute_from_command_line(sys.argv)
