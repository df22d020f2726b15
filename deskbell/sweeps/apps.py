"""The application that owns the tables of sweeps."""

from django.apps import AppConfig


class Sweeps(AppConfig):
    """One act on many tickets."""

    name = "deskbell.sweeps"
    label = "sweeps"
