"""All addresses, by audience; each folder lists its own."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("deskbell.api.urls")),
    path("", include("deskbell.web.public.urls")),
    path("", include("deskbell.web.door.urls")),
    path("", include("deskbell.web.admin.urls")),
    path("", include("deskbell.web.me.urls")),
    path("", include("deskbell.web.desk.urls")),
]

handler400 = "deskbell.web.errors.bad_request"
handler403 = "deskbell.web.errors.not_allowed"
handler404 = "deskbell.web.errors.not_found"
handler500 = "deskbell.web.errors.broken"
