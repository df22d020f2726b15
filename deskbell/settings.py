"""Django's settings.  What an operator decides comes from environment.py; all else is set in
the pages and stands in the database.
"""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from deskbell import environment

HERE = Path(__file__).resolve().parent
ENVIRONMENT = environment.read(os.environ)

# What an operator types, for pages that tell: a checkout's own, or what `pip install` has put on the path.
COMMAND = "bin/deskbell" if (HERE.parent / "bin" / "deskbell").is_file() else "deskbell"

DATA = ENVIRONMENT.data
DESK_URL = ENVIRONMENT.url
PROXIES = ENVIRONMENT.proxies
RELAY = ENVIRONMENT.relay
# Where letters are taken in, for pages that tell how to send one; cli.py sets it from --smtp.
SMTP = os.environ.get("DESKBELL_SMTP", "127.0.0.1:2525")
SECRET_KEY = ENVIRONMENT.secret_key
DATABASES = {"default": ENVIRONMENT.database}

DEBUG = False
ROOT_URLCONF = "deskbell.urls"
WSGI_APPLICATION = "deskbell.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without a public address the desk answers to any name: it never builds an address from it.
ALLOWED_HOSTS = [ENVIRONMENT.host, "localhost", "127.0.0.1", "[::1]"]
if not ENVIRONMENT.url_is_set:
    ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "deskbell.work",
    "deskbell.security",
    "deskbell.people",
    "deskbell.masking",
    "deskbell.tickets",
    "deskbell.search",
    "deskbell.knowledge",
    "deskbell.notices",
    "deskbell.channels.mail",
    "deskbell.saved_views",
    "deskbell.sweeps",
    "deskbell.api",
    "deskbell.apps.Deskbell",
]

# Every module that registers jobs (deskbell/work/registry.py): each process knows them all.
JOB_MODULES = [
    "deskbell.work.timetable",
    "deskbell.tickets.settle",
    "deskbell.channels.mail.read",
    "deskbell.channels.mail.sending",
    "deskbell.channels.mail.sealing",
    "deskbell.channels.mail.to_accounts",
    "deskbell.channels.mail.tell_by_mail",
    "deskbell.channels.mail.plus",
    "deskbell.channels.mail.fetch.look",
    "deskbell.tickets.files",
    "deskbell.tickets.erasure",
    "deskbell.tickets.handover",
    "deskbell.tickets.scheduled",
    "deskbell.sweeps.going",
]

# What runs in each worker beside its jobs: functions that return when the event that they are given is set.
COMPANIONS = ["deskbell.channels.mail.fetch.listening.listen"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "deskbell.web.csp.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "deskbell.web.language.Language",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "deskbell.web.visit.Reader",
    "deskbell.web.errors.DeskErrors",
    "deskbell.web.nulls.NoNulls",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "deskbell.web.jinja.environment",
            "context_processors": ["deskbell.web.jinja.one_token"],
        },
    },
]

# Accounts, sessions and cookies

AUTH_USER_MODEL = "people.Account"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
SESSION_ENGINE = "deskbell.security.sessions"
SESSION_COOKIE_NAME = "deskbell_session"
SESSION_COOKIE_SECURE = ENVIRONMENT.is_secure
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "deskbell_csrf"
CSRF_COOKIE_SECURE = ENVIRONMENT.is_secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "deskbell.web.errors.forgery"
CSRF_TRUSTED_ORIGINS = [DESK_URL]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ENVIRONMENT.is_secure else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

# No request is larger than this; the front holds it to that before Django sees it (web/front.py).
BODY_LIMIT_BYTES = 50 * 1024 * 1024
# What a customer may send at once from their page, without a session; less than the above.
# For STARTTLS at our own door; "" is one of the desk's own making (channels/mail/smtp_tls.py).
SMTP_CERTIFICATE, SMTP_KEY = ENVIRONMENT.smtp_certificate, ENVIRONMENT.smtp_key
PORTAL_LIMIT_BYTES = ENVIRONMENT.upload_megabytes * 1000 * 1000
# What is unpacked in memory: fields of forms and JSON.  Files go to the disk, and count for the body alone.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Who may send large bodies: each says whether it knows somebody by the headers of a request.
KNOWERS = ["deskbell.security.sessions.is_known", "deskbell.api.keys.is_known"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Languages and times

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("hu", _("Hungarian")),
    ("cs", _("Czech")),
    ("lv", _("Latvian")),
    ("ru", _("Russian")),
    ("nl", _("Dutch")),
]
LANGUAGE_COOKIE_NAME = "deskbell_language"
LOCALE_PATHS = [HERE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING_CONFIG = "deskbell.logs.configure"
# Django calls LOGGING_CONFIG only when this holds something; logs.py itself holds the rest.
LOGGING = {"version": 1}
