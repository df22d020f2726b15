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
