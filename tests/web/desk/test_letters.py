"""Letters that did not become tickets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.channels.mail import boxes, letters
from deskbell.channels.mail.models import Letter
from tests.cast import Cast
from tests.desk import a_ticket
from tests.mails_of import arrive, raw
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

RAW = b"From: someone@acme.example\r\nSubject: <script>alert(1)</script>\r\n\r\nHello.\r\n"


@pytest.fixture
def parked(cast: Cast) -> Letter:
    """A letter that nobody could read."""
    letter = letters.keep(
        RAW, source="smtp", mail_from="someone@acme.example", rcpt=["a@b.example"]
    )
    Letter.objects.filter(pk=letter.pk).update(state="parked", reason="too_deep")
    return letter


def test_agents_see_why_a_letter_made_no_ticket(cast: Cast, as_: SignIn, parked: Letter) -> None:
    bela = as_(cast.bela)
    assert "nested deeper than any letter should be" in bela.get("/letters").content.decode()
    assert "nested deeper" not in bela.get("/letters?state=ignored").content.decode()
    assert bela.get("/letters?state=secret").status_code == 404
    page = bela.get(f"/letters/{parked.pk}").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_light_agents_see_no_letters(cast: Cast, as_: SignIn, parked: Letter) -> None:
    cecil = as_(cast.cecil)
    assert "Letters" not in cecil.get("/").content.decode()
    for path in ("", f"/{parked.pk}", f"/{parked.pk}/source"):
        assert cecil.get(f"/letters{path}").status_code == 403
    assert cecil.post(f"/letters/{parked.pk}/reading").status_code == 403


def test_a_parked_letter_is_read_again(cast: Cast, as_: SignIn, parked: Letter) -> None:
    bela = as_(cast.bela)
    answer = bela.post(f"/letters/{parked.pk}/reading")
    assert Letter.objects.get().state == "waiting"
    page = bela.get(answer["Location"]).content.decode()
    assert "It is being read" in page
    assert f'hx-get="/letters/{parked.pk}?again"' in page


def test_whoever_has_a_letter_read_again_hears_what_came_of_it(
    cast: Cast, as_: SignIn, parked: Letter
) -> None:
    bela = as_(cast.bela)
    said = bela.get(f"/letters/{parked.pk}?again").content.decode()
    assert "still made no ticket" in said
    assert "hx-get" not in said
    ticket = a_ticket(cast.support, cast.emil)
    Letter.objects.update(state="read", reason="", ticket=ticket)
    said = bela.get(f"/letters/{parked.pk}?again").content.decode()
    assert "is on a ticket now" in said
    assert f'<a href="/tickets/{ticket.code}">' in said


def test_the_source_is_a_download_that_cannot_run(cast: Cast, as_: SignIn, parked: Letter) -> None:
    answer = as_(cast.bela).get(f"/letters/{parked.pk}/source")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="letter-{parked.pk}.eml"'
    assert answer["X-Deskbell-File"] == str(letters.path_of(Letter.objects.get()))


def test_a_letter_of_a_ticket_is_seen_by_those_who_see_the_ticket(
    cast: Cast, as_: SignIn, parked: Letter
) -> None:
    Letter.objects.update(ticket=a_ticket(cast.support, cast.emil))
    assert as_(cast.bela).get(f"/letters/{parked.pk}").status_code == 200
    assert as_(cast.dora).get(f"/letters/{parked.pk}").status_code == 404
    assert "someone@acme.example" not in as_(cast.dora).get("/letters").content.decode()


def test_a_letter_whose_file_is_gone_still_says_so(cast: Cast, as_: SignIn, parked: Letter) -> None:
    letters.path_of(parked).unlink()
    Letter.objects.update(reason="file_missing")
    answer = as_(cast.bela).get(f"/letters/{parked.pk}")
    assert answer.status_code == 200
    assert "Its file is gone" in answer.content.decode()


def test_letters_are_listed_by_what_they_are(cast: Cast, as_: SignIn) -> None:
    away = arrive(raw("out_of_office"))
    report = arrive(raw("receipt_opened"))
    bela = as_(cast.bela)

    both = bela.get("/letters?state=ignored").content.decode()
    assert f'id="letter-{away.pk}"' in both
    assert f'id="letter-{report.pk}"' in both
    some = bela.get("/letters?state=ignored&what=receipt").content.decode()
    assert f'id="letter-{away.pk}"' not in some
    assert f'id="letter-{report.pk}"' in some
    assert "None of this kind" in bela.get("/letters?state=read&what=spam").content.decode()
    assert bela.get("/letters?what=nonsense").status_code == 404


def test_a_letter_is_listed_with_its_writer_and_its_subject(cast: Cast, as_: SignIn) -> None:
    arrive(raw("plain_ascii"), mail_from="")
    page = as_(cast.bela).get("/letters?state=read").content.decode()
    assert "Emil Novák &lt;emil@acme.example&gt;" in page
    assert "The zip came apart" in page
    assert "Nobody in the envelope" not in page


def test_a_letter_that_nobody_read_is_listed_with_what_its_head_says(
    cast: Cast, as_: SignIn, parked: Letter
) -> None:
    head = (
        b"Received: from somewhere\r\n"
        b"From: =?utf-8?q?Emil_Nov=C3=A1k?= <emil@acme.example>\r\n"
        b"subject : My card 4111 1111 1111 1111\r\n and <b>more</b>\r\n\r\n"
        b"Subject: of the words\r\n"
    )
    letters.path_of(parked).write_bytes(head)
    bela = as_(cast.bela)
    page = bela.get("/letters").content.decode()
    assert "Emil Novák &lt;emil@acme.example&gt;" in page
    assert "My card •••• •••• •••• 1111 and &lt;b&gt;more&lt;/b&gt;" in page
    letters.path_of(parked).unlink()
    page = bela.get("/letters").content.decode()
    assert "someone@acme.example" in page, "what its envelope says"


def test_a_fetched_letter_says_from_which_mail_box(cast: Cast, as_: SignIn) -> None:
    box = boxes.add_mailbox(address="help@desk.example", department="Support")
    fetched = letters.keep(b"Subject: Hello\r\n\r\nHello.\r\n", source="imap")
    Letter.objects.filter(pk=fetched.pk).update(state="parked", box=box)
    page = as_(cast.bela).get("/letters").content.decode()
    assert "fetched from help@desk.example" in page
    assert f"Letter {fetched.pk}<" in page
    assert "through the pipe" not in page


def test_more_letters_are_listed_with_no_more_questions(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    asked = []
    for number in (1, 2, 3):
        words = f"From: emil@acme.example\r\nSubject: Tent {number}\r\n\r\nIt leaks.\r\n"
        arrive(words.encode())
        with CaptureQueriesContext(connection) as questions:
            page = bela.get("/letters?state=read").content.decode()
        assert page.count("Tent ") >= number
        asked.append(len(questions))
    assert asked[1] == asked[2]


def test_a_letter_that_may_be_forged_says_so_on_its_ticket(cast: Cast, as_: SignIn) -> None:
    letter = arrive(raw("plain_ascii"))
    Letter.objects.filter(pk=letter.pk).update(authentication="fail")
    assert letter.ticket is not None

    page = as_(cast.bela).get(f"/tickets/{letter.ticket.code}").content.decode()
    assert "somebody else may have written it" in page
    assert "does not stand for it" in as_(cast.bela).get(f"/letters/{letter.pk}").content.decode()


def test_a_letter_that_a_rule_has_sealed_says_so_and_gives_no_bytes(
    cast: Cast, as_: SignIn
) -> None:
    card = b"Card 4111 1111 1111 1111.\r\n"
    letter = arrive(b"From: emil@acme.example\r\nSubject: Card\r\n\r\n" + card)
    bela = as_(cast.bela)
    page = bela.get(f"/letters/{letter.pk}").content.decode()
    assert "a masking rule found something in it" in page
    assert "Download" not in page
    assert "4111" not in page
    assert bela.get(f"/letters/{letter.pk}/source").status_code == 404
    assert letter.ticket is not None
    thread = bela.get(f"/tickets/{letter.ticket.code}").content.decode()
    assert thread.count("Masked before it was kept: card number") == 2
    assert "What is left of its letter" in thread
    assert "The letter as it came" not in thread


def test_a_letter_that_waits_for_a_look_shows_no_card_number(
    cast: Cast, as_: SignIn, parked: Letter
) -> None:
    letters.path_of(parked).write_bytes(RAW + b"Card 4111 1111 1111 1111.\r\n")
    page = as_(cast.bela).get(f"/letters/{parked.pk}").content.decode()
    assert "Card •••• •••• •••• 1111." in page
    assert "but for what a masking rule finds" in page
