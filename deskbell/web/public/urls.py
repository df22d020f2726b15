"""Addresses that need no account."""

from django.urls import path

from deskbell.web.public import solved

urlpatterns = [
    path("solved/<path:token>", solved.solved, name="solved"),
    # What is left when a mail program cut the link short.
    path("solved/", solved.solved, {"token": ""}),
    path("solved", solved.solved, {"token": ""}),
]
