"""Invitations, and what a calendar says with them."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "calendar_alone": Says(
        "The zip, at last\nRoom 5",
        files=("file-1.ics",),
        invitation=("request", "The zip, at last", "2026-03-02 09:00", "2026-03-02 10:00"),
    ),
    "calendar_attached_in_base64": Says(
        "See the date.",
        files=("invite.ics",),
        invitation=("request", "The zip, at last", "2026-03-02 09:00", "2026-03-02 10:00"),
    ),
    "calendar_cancel": Says(
        "Cancelled.",
        files=("file-1.ics",),
        invitation=("cancel", "The zip, at last", "2026-03-02 09:00", "2026-03-02 10:00"),
    ),
    "calendar_folded_and_raw": Says(
        "Come.",
        files=("file-1.ics",),
        invitation=(
            "request",
            "A zip that is á very long one",
            "2026-03-02 09:00",
            "2026-03-02 10:00",
        ),
    ),
    "calendar_reply_accepted": Says(
        "Yes.",
        files=("file-1.ics",),
        invitation=("reply", "The zip, at last", "2026-03-02 09:00", "2026-03-02 10:00"),
    ),
    "calendar_request_of_google": Says(
        "Come.",
        files=("file-1.ics",),
        invitation=("request", "The zip, at last", "2026-03-02 09:00", "2026-03-02 10:00"),
    ),
    "calendar_request_windows_zone": Says(
        "Come.",
        files=("file-1.ics",),
        invitation=("request", "The zip, at last", "2026-07-02 08:00", "2026-07-02 08:30"),
    ),
    "calendar_that_is_none": Says("Come.", files=("file-1.ics",)),
    "calendar_whole_day": Says(
        "Come.",
        files=("file-1.ics",),
        invitation=("request", "The zip, at last", "2026-03-02 00:00", None),
    ),
}
