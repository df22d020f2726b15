"""The application that owns the tables of notices."""

from django.apps import AppConfig


class Notices(AppConfig):
    """What agents are told, and how they wish to be."""

    name = "deskbell.notices"
    label = "notices"
