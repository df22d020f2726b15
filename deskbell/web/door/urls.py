"""Addresses before the desk."""

from django.urls import path

from deskbell.web.door import invitation, lost_password, second_step, set_up, sign_in

urlpatterns = [
    path("setup", set_up.set_up, name="set_up"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/second-step", second_step.second_step, name="second_step"),
    path("sign-in/passkey", second_step.passkey, name="passkey"),
    path("sign-in/passkey/options", second_step.passkey_options, name="passkey_options"),
    path("lost-password", lost_password.lost_password, name="lost_password"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("invitation/<str:number>/<str:token>", invitation.invitation, name="invitation"),
]
