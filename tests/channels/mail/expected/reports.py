"""Reports of deliveries and of reading."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "bounce_exchange": Says(
        "Your message couldn't be delivered.",
        subject="Undeliverable: Re: Zip",
        files=("file-1.txt", "file-2.txt"),
        failed=(("emil@acme.example", True),),
    ),
    "bounce_gmail": Says(
        "Address not found",
        subject="Undeliverable: Re: Zip",
        files=("file-1.txt", "file-2.txt"),
        failed=(("emil@acme.example", True),),
    ),
    "bounce_groupwise_full": Says(
        "Mailbox full",
        subject="Undeliverable: Re: Zip",
        files=("file-1.txt", "file-2.txt"),
        failed=(("emil@acme.example", True),),
    ),
    "bounce_qmail_in_words": Says(
        (
            "Hi. This is the qmail-send program at mx.acme.example.\n"
            "<emil@acme.example>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)\n"
            "\n"
            "--- Below this line is a copy of the message.\n"
            "\n"
            "Message-ID: <x@desk.example>\n"
            "Subject: Re: Zip"
        ),
        subject="failure notice",
        failed=(("emil@acme.example", True),),
    ),
    "bounce_relayed_only": Says(
        "Relayed",
        subject="Undeliverable: Re: Zip",
        files=("file-1.txt", "file-2.txt"),
        failed=(("emil@acme.example", False),),
    ),
    "receipt_that_it_was_read": Says("Your message was read.", files=("file-1.txt",)),
}
