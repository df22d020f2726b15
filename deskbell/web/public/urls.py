"""Addresses that need no account."""

from django.urls import path

from deskbell.web.public import fresh_link, health, portal, solved

urlpatterns = [
    path("health", health.health_word),
    path("solved/<path:token>", solved.solved, name="solved"),
    # What is left when a mail program cut the link short.
    path("solved/", solved.solved, {"token": ""}),
    path("solved", solved.solved, {"token": ""}),
    path("portal/<str:token>/messages", portal.messages, name="portal_messages"),
    path("portal/<str:token>/messages/<int:number>/rating", portal.rating, name="portal_answer"),
    path("portal/<str:token>/resolution", portal.resolution, name="portal_resolution"),
    path("portal/<str:token>/rating", portal.rating, name="portal_rating"),
    path("portal/<str:token>/files/<str:file_token>", portal.file, name="portal_file"),
    path("portal/<path:token>/letter", fresh_link.letter, name="portal_letter"),
    path("portal/<path:token>", portal.page, name="portal"),
    path("portal/", portal.page, {"token": ""}),
    path("portal", portal.page, {"token": ""}),
]
