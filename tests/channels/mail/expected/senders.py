"""Letters that somebody else wrote than From says, and those that only look so."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "sender_exchange_guest": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil"),
        writer=("emil@acme.example", "from_undone"),
    ),
    "sender_exchange_on_behalf": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "from"),
        through="frida@acme.example",
    ),
    "sender_form_at_our_own_address": Says(
        "Please help.", writer=("frida@buyer.example", "own_address"), through="help@desk.example"
    ),
    "sender_gmail_forwarding_only_path": Says(
        "Please help.",
        sender=("emil@gmail.example", ""),
        writer=("emil@gmail.example", "return_path"),
    ),
    "sender_google_group": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "google_group"),
        through="support@lists.example",
    ),
    "sender_google_group_without_original": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "google_group"),
        through="support@lists.example",
    ),
    "sender_imcea_of_exchange": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil"),
        writer=("emil@acme.example", "from_undone"),
    ),
    "sender_list_honest": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "from"),
    ),
    "sender_mailman_munged": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "list_in_from"),
        through="zips@lists.example",
    ),
    "sender_mailman_reply_to_list": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "list_in_from"),
        through="zips@lists.example",
    ),
    "sender_monitoring_root": Says(
        "DISK CRITICAL",
        sender=("root@web1.acme.example", "root"),
        writer=("root@web1.acme.example", "from"),
    ),
    "sender_newsletter_service": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil Novak"),
        writer=("emil@acme.example", "from"),
    ),
    "sender_noreply_form": Says(
        "Please help.",
        sender=("frida@buyer.example", "Frida"),
        writer=("frida@buyer.example", "robot"),
        through="no-reply@shop.example",
    ),
    "sender_noreply_without_reply": Says(
        "Please help.",
        sender=("no-reply@shop.example", "Shop"),
        writer=("no-reply@shop.example", "from"),
    ),
    "sender_prvs_in_sender": Says(
        "Please help.", sender=("emil@acme.example", ""), writer=("emil@acme.example", "sender")
    ),
    "sender_reply_to_elsewhere": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil"),
        writer=("emil@acme.example", "from"),
        answers_to="office@acme.example",
    ),
    "sender_reply_to_two": Says(
        "Please help.", sender=("emil@acme.example", "Emil"), writer=("emil@acme.example", "from")
    ),
    "sender_reply_to_without_list_is_no_sender": Says(
        "Please help.",
        sender=("mallory@evil.example", "Mallory"),
        writer=("mallory@evil.example", "from"),
        answers_to="emil@acme.example",
    ),
    "sender_srs1_without_from": Says(
        "Please help.",
        sender=("emil@acme.example", ""),
        writer=("emil@acme.example", "return_path"),
    ),
    "sender_srs_in_from": Says(
        "Please help.",
        sender=("emil@acme.example", "Emil"),
        writer=("emil@acme.example", "from_undone"),
    ),
    "sender_wordpress_form": Says(
        "Name: Frida\nThe tent leaks.",
        sender=("frida@buyer.example", "Frida"),
        writer=("frida@buyer.example", "robot"),
        through="wordpress@acme.example",
    ),
}
