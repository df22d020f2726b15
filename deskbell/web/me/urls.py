"""Addresses of what agents decide about themselves."""

from django.urls import path

from deskbell.web.me import (
    availability,
    faces,
    factors,
    profile,
    security,
    signature,
    token,
    wishes,
)

urlpatterns = [
    path("me", profile.me, name="me"),
    path("me/signature", signature.signature, name="my_signature"),
    path("me/notices", wishes.wishes, name="my_notices"),
    path("me/picture", profile.picture, name="my_picture"),
    path("me/token", token.token, name="my_token"),
    path("me/availability", availability.availability, name="my_availability"),
    path("me/security", security.security, name="my_security"),
    path("me/security/password", security.password, name="my_password"),
    path("me/security/sessions", security.all_sessions, name="my_sessions"),
    path("me/security/sessions/<str:name>", security.session, name="my_session"),
    path("me/security/sure", factors.sure, name="my_sureness"),
    path("me/security/app", factors.app, name="my_app"),
    path("me/security/app/new", factors.new_app, name="my_new_app"),
    path("me/security/passkeys", factors.new_passkey, name="my_passkeys"),
    path("me/security/passkeys/options", factors.passkey_options, name="my_passkey_options"),
    path("me/security/passkeys/<int:number>", factors.passkey, name="my_passkey"),
    path("me/security/recovery-codes", factors.recovery_codes, name="my_recovery_codes"),
    path("faces/<str:name>.css", faces.stylesheet, name="faces"),
    path("pictures/<str:sha256>.webp", faces.picture, name="picture"),
]
