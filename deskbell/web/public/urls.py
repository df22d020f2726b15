"""Addresses that need no account."""

from django.urls import path

from deskbell.web.public import solved

urlpatterns = [
    path("solved/<str:token>", solved.solved, name="solved"),
]
