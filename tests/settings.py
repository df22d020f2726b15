"""The product's settings in a data folder of this run's own; one per xdist worker."""

import os
import tempfile

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["DESKBELL_DATA"] = tempfile.mkdtemp(prefix=f"deskbell-{WORKER}-")
os.environ["DESKBELL_SECRET_KEY"] = "a key that only the tests know, long enough"
for _name in ("DESKBELL_URL", "DESKBELL_PROXIES", "DESKBELL_RELAY"):
    os.environ.pop(_name, None)

from deskbell.settings import *  # noqa: E402, F403
from deskbell.settings import DATA, DATABASES  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: threads and processes of a test see what the desk's would.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += ";PRAGMA synchronous=OFF"

# argon2 is slow on purpose; a test of its own shows that the product uses it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
