"""A letter that says that a file goes along, told from one that only speaks of files."""

import pytest
from django.conf import settings

from deskbell.channels.mail.forgotten import WORDS, spoken_of

SPEAKS = [
    ("Please find attached the invoice.", "attached"),
    ("The form is Attached.", "attached"),
    ("I\u2019m attaching the plan.", "i'm attaching"),
    ("We attach our terms.", "we attach"),
    ("See the attachment for all sizes.", "see the attachment"),
    ("Enclosed you find the receipt.", "enclosed"),
    ("Csatolva küldöm a számlát.", "csatolva"),
    ("A mellékletben találja az árakat.", "a mellékletben"),
    ("Mellékelem a számlát.", "mellékelem"),
    ("Fakturu najdete v příloze.", "v příloze"),
    ("Přikládám fakturu.", "přikládám"),
    ("Rēķins ir pielikumā.", "pielikumā"),
    ("Pievienoju rēķinu.", "pievienoju"),
    ("Счёт во вложении.", "во вложении"),
    ("Прилагаю счёт.", "прилагаю"),
    ("Bijgevoegd vindt u de factuur.", "bijgevoegd"),
    ("U vindt de factuur in de bijlage.", "in de bijlage"),
    ("See the\nattachment.", "see the attachment"),
]

SAYS_NOTHING = [
    "Send it in, we pay.",
    "Could you attach a picture of the zip?",
    "Thank you for the picture that you attached.",
    "Your attachment could not be opened.",
    "The strap is detached.",
    "We are attacked by moths.",
    "Kérem, csatoljon egy képet.",
    "Kérjük, mellékelje a számlát.",
    "Prosím, přiložte fotku.",
    "Lūdzu, pievienojiet attēlu.",
    "Приложите, пожалуйста, фото.",
    "Спасибо за фото, которое вы прикрепили.",
    "В приложении на телефоне нажмите «Войти».",
    "Kunt u een foto bijvoegen?",
    "Uw bijlage is niet leesbaar.",
    "",
]


@pytest.mark.parametrize(("text", "found"), SPEAKS)
def test_a_letter_that_speaks_of_its_file_is_known(text: str, found: str) -> None:
    assert found in spoken_of(text)


@pytest.mark.parametrize("text", SAYS_NOTHING)
def test_a_letter_that_speaks_of_none_of_its_own_is_left_alone(text: str) -> None:
    assert spoken_of(text) == ()


def test_every_language_of_the_desk_has_its_words() -> None:
    assert set(WORDS) == {code for code, _name in settings.LANGUAGES}


def test_what_is_only_quoted_is_not_said() -> None:
    assert spoken_of("Fine.\n\n> The bill is attached.") == ()
    text = "Fine.\n\nOn Mon, 2 Mar 2026 at 10:00, Emil wrote:\n> The bill is attached."
    assert spoken_of(text) == ()
    quoted = "<p>Fine.</p><blockquote><p>The bill is <b>attached</b>.</p></blockquote>"
    assert spoken_of("Fine.\n\nThe bill is attached.", quoted) == ()
    assert spoken_of("", "<p>The bill is <b>attached</b>.</p>") == ("attached",)


def test_words_written_with_marks_of_their_own_are_known() -> None:
    decomposed = "Fakturu najdete v pr\u030ci\u0301loze."
    assert spoken_of(decomposed) == ("v příloze",)
