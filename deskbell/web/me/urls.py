"""Addresses of what agents decide about themselves."""

from django.urls import path

from deskbell.web.me import availability, faces, profile, security

urlpatterns = [
    path("me", profile.me, name="me"),
    path("me/picture", profile.picture, name="my_picture"),
    path("me/availability", availability.availability, name="my_availability"),
    path("me/security", security.security, name="my_security"),
    path("me/security/password", security.password, name="my_password"),
    path("me/security/sessions", security.all_sessions, name="my_sessions"),
    path("me/security/sessions/<str:name>", security.session, name="my_session"),
    path("faces/<str:name>.css", faces.stylesheet, name="faces"),
    path("pictures/<str:sha256>.webp", faces.picture, name="picture"),
]
