"""The desk's settings with one more language, whose catalogue stands in DESKBELL_PSEUDO."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy

from deskbell.settings import *  # noqa: F403
from deskbell.settings import LANGUAGES as SPOKEN
from deskbell.settings import LOCALE_PATHS as WHERE

# Its letters run from right to left, so Django and our pages turn around for it.
LANGUAGES = [*SPOKEN, ("ar", gettext_lazy("English"))]
LOCALE_PATHS = [*WHERE, Path(os.environ["DESKBELL_PSEUDO"])]
