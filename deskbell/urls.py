"""All addresses, by audience; each folder lists its own."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path(prefix, include(module))
    for prefix, module in (
        ("api/", "deskbell.api.urls"),
        ("", "deskbell.web.public.urls"),
        ("", "deskbell.web.door.urls"),
        ("", "deskbell.web.admin.urls"),
        ("", "deskbell.web.desk.urls"),
    )
    if find_spec(module.rpartition(".")[0]) and find_spec(module)
]

handler400 = "deskbell.web.errors.bad_request"
handler403 = "deskbell.web.errors.not_allowed"
handler404 = "deskbell.web.errors.not_found"
handler500 = "deskbell.web.errors.broken"
