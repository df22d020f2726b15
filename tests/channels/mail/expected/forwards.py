"""Letters that hand on another one, and who wrote that."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "forward_apple": Says(
        (
            "Begin forwarded message:\n"
            "\n"
            "> From: Frida Berg <frida@buyer.example>\n"
            "> Subject: Tent\n"
            "> Date: 2 March 2026 at 09:00:00 CET\n"
            "> To: bela@desk.example\n"
            ">\n"
            "> The tent leaks."
        ),
        subject="Fwd: Tent",
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_as_attachment": Says(
        "See the letter.",
        subject="FW: Tent",
        files=("Tent.eml",),
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_czech_html_only": Says(
        (
            "Prosím.\n"
            "\n"
            "Od: Frida Berg <frida@buyer.example>\n"
            "Odesláno: pondělí 2. března\n"
            "Komu: bela\n"
            "Předmět: Stan\n"
            "\n"
            "Teče."
        ),
        subject="FW: Stan",
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_gmail_en": Says(
        (
            "Can you?\n"
            "\n"
            "---------- Forwarded message ---------\n"
            "From: Frida Berg <frida@buyer.example>\n"
            "Date: Mon, Mar 2, 2026 at 9:00 AM\n"
            "Subject: Tent\n"
            "To: <bela@desk.example>\n"
            "\n"
            "The tent leaks."
        ),
        subject="Fwd: Tent",
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_mailru": Says(
        (
            "-------- Пересылаемое сообщение --------\n"
            "От кого: Frida <frida@buyer.example>\n"
            "Кому: bela@desk.example\n"
            "Дата: Понедельник, 2 марта 2026\n"
            "Тема: Палатка\n"
            "\n"
            "Течёт."
        ),
        subject="Fwd: Палатка",
        inside=(("frida@buyer.example", "Frida"),),
    ),
    "forward_of_a_forward": Says(
        (
            "From: Gert <gert@shop.example>\n"
            "Sent: Monday\n"
            "To: bela\n"
            "Subject: Fwd: Tent\n"
            "\n"
            "From: Frida <frida@buyer.example>\n"
            "Sent: Sunday\n"
            "To: gert\n"
            "Subject: Tent\n"
            "\n"
            "Leaks."
        ),
        subject="Fwd: Tent",
        inside=(("gert@shop.example", "Gert"), ("frida@buyer.example", "Frida")),
    ),
    "forward_outlook_de": Says(
        (
            "Bitte.\n"
            "\n"
            "Von: Frida Berg <frida@buyer.example>\n"
            "Gesendet: Montag, 2. März 2026 09:00\n"
            "An: Bela <bela@desk.example>\n"
            "Betreff: Zelt\n"
            "\n"
            "Das Zelt ist undicht."
        ),
        subject="WG: Zelt",
        repairs=("charset  → utf-8",),
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_outlook_hu_mailto": Says(
        (
            "Feladó: Frida Berg [mailto:frida@buyer.example]\n"
            "Elküldve: 2026. március 2. 9:00\n"
            "Címzett: Bela\n"
            "Tárgy: Sátor\n"
            "\n"
            "Beázik."
        ),
        subject="Továbbítás: Sátor",
        inside=(("frida@buyer.example", "Frida Berg"),),
    ),
    "forward_that_names_nobody": Says(
        "See what From: means here.\nNothing else.", subject="Fwd: Tent"
    ),
    "forward_thunderbird": Says(
        (
            "-------- Forwarded Message --------\n"
            "Subject: Tent\n"
            "Date: Mon, 2 Mar 2026 09:00:00 +0100\n"
            "From: Frida Berg <frida@buyer.example>\n"
            "To: bela@desk.example\n"
            "\n"
            "The tent leaks."
        ),
        subject="Fwd: Tent",
    ),
}
