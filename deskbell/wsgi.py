"""Django as a WSGI application, which web/front.py runs in its pool of threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskbell.settings")

application = get_wsgi_application()
