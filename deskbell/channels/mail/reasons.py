"""What became of a letter and why, as a sentence for agents.  Rows keep codes, words are made when read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deskbell.channels.mail.models import Letter

REASONS: dict[str, Promise] = {
    # parked: a person should look
    "reader_died": _(
        "Reading it ended the reader twice, so it was set aside. Nothing in it was run."
    ),
    "reader_too_slow": _(
        "Reading it took too long twice, so it was set aside to keep the others going."
    ),
    "file_missing": _("Its file is gone from the data folder. A backup may still have it."),
    "bounce_unknown": _("It reports that a letter came back, but none of ours that we know."),
    "complaint_unknown": _(
        "It reports that somebody complained of a letter, but of none of ours that we know."
    ),
    "empty": _("There is nothing in it."),
    "gave_up": _("The desk tried for hours to read it, then gave up; the log says why."),
    "no_sender": _("It names no sender, so nobody could be answered."),
    "too_large": _("It is larger than the desk reads."),
    "too_large_to_fetch": _(
        "It is larger than the 50 MB that the desk fetches, so only its head is here. It lies on its"
        " server as before; make it smaller there, or answer its sender from here."
    ),
    "not_given": _(
        "Its server did not give it, five times over, so others were fetched before it. It lies there as"
        " before; look at it in another mail program."
    ),
    "too_much_memory": _("Reading it would take more memory than a letter may."),
    "unexpected": _("The desk made a mistake while reading it; the log says which."),
    "reply_address_unknown": _(
        "It came to an address for answers of an agent that was made up, or that is not in use any more."
    ),
    "reply_not_theirs": _(
        "It came to the address at which an agent answers notices, but not from the address they sign in with."
    ),
    "reply_forged": _(
        "It says that an agent wrote it in answer to a notice, but their mail server says that it is not from there."
    ),
    "reply_has_left": _("It answers a notice, but its writer no longer works here."),
    "reply_no_ticket": _("It answers a notice about a ticket that is gone."),
    "reply_empty": _("It answers a notice, but nothing was written above what it repeats."),
    "reply_not_allowed": _(
        "It answers a notice about a ticket on which its writer may not do that."
    ),
    "reply_not_now": _(
        "It answers a notice about a ticket that takes nothing of the kind as it is now."
    ),
    "reply_elsewhere": _(
        "It answers a letter that the desk wrote to somebody of ours, but at an address of customers; so it was not"
        " taken for a customer's."
    ),
    "too_deep": _("It is nested deeper than any letter should be, so it was not opened."),
    "headers_too_long": _("Its headers are longer than any letter's should be."),
    "too_many_headers": _("It has more headers than any letter should have."),
    "name_too_long": _("The name of a file in it is longer than any name should be."),
    "swells": _("What is packed into it is larger than a letter may be, so it was not opened."),
    "too_many_parts": _("It is made of more parts than any letter should be."),
    # read
    "token_1": _("It answers a letter of ours, and its sender takes part in the ticket."),
    "token_2": _("It answers a letter of ours that its sender had not been sent."),
    "our_message_id_1": _("It answers a letter of ours, and its sender takes part in the ticket."),
    "our_message_id_2": _("It answers a letter of ours that its sender had not been sent."),
    "their_message_id_1": _("It answers a letter of the ticket that its sender takes part in."),
    "their_message_id_3": _(
        "It answers a letter of another ticket, in which its sender takes no part."
    ),
    "our_conversation_1": _(
        "Outlook says that it belongs to the conversation of our letters, and its sender takes part in the ticket."
    ),
    "our_conversation_2": _(
        "Outlook says that it belongs to the conversation of our letters, which its sender had not been sent."
    ),
    "plus_address_1": _(
        "It came to the address at which letters on this ticket are answered, and its sender takes part in it."
    ),
    "plus_address_2": _(
        "It came to the address at which letters on this ticket are answered, which its sender had not been sent."
    ),
    "their_conversation_1": _(
        "Outlook says that it belongs to the conversation of an earlier letter; its sender takes part in the ticket."
    ),
    "their_conversation_3": _(
        "Outlook says that it belongs to the conversation of another ticket, in which its sender takes no part."
    ),
    "code_1": _("It names the ticket, and its sender takes part in it."),
    "code_3": _("It names another ticket, in which its sender takes no part."),
    "side_thread_1": _(
        "It answers what was forwarded to somebody outside. The customer does not see it."
    ),
    "agent_noted": _("An agent answered a notice by mail; it is a note on the ticket."),
    "agent_answered": _("An agent answered a notice by mail; it was sent to the customer."),
    "mailing_list": _("It came through a mailing list."),
    "precedence": _("It says that it went to many."),
    "auto_generated": _("A machine wrote it."),
    "unsubscribable": _("It is a letter to many, from which one can unsubscribe."),
    "bounce_recorded": _("It reported that an answer of ours came back; the ticket knows."),
    # left out
    "spam_forged": _(
        "Its sender is not who it says, and that domain asks that such letters be put aside."
    ),
    "spam_checked": _("A mail server of ours, which the desk is told to believe, calls it spam."),
    "spam_learned": _("Its words are those of letters that people here called spam."),
    "blocked_sender": _("Its sender is blocked. It can be read all the same, this once."),
    "bounce_known": _("It reports a failure that the ticket knew of already."),
    "bounce_temporary": _("It reports that a letter of ours is late; nothing is to be done yet."),
    "bounce_arrived": _("It reports that a letter of ours arrived."),
    "receipt_opened": _("Its writer's mail program says that our letter was opened."),
    "receipt_unread": _("Its writer's mail program says that our letter was put away unread."),
    "receipt_unknown": _("It is a receipt, but for none of our letters that we know."),
    "complaint_recorded": _(
        "A mail provider says that its customer called a letter of ours spam. The desk writes nothing more to them"
        " by itself."
    ),
    "complaint_withdrawn": _("A mail provider says that a letter of ours was no spam after all."),
    "challenge": _(
        "A machine wants a proof that a person wrote to it. The desk gives none; an agent may."
    ),
    "too_many_hops": _("It came through more than a hundred servers, so it goes in circles."),
    "probe_came_back": _(
        "The desk wrote it to itself, to see whether addresses of the mail box with a “+” in them lead here. They do."
    ),
    "our_own_letter": _("It is a letter of this desk that came back to it."),
    "delivery_report": _("It is a report about a letter, not a letter."),
    "auto_submitted": _("It is an automatic answer, which says nothing new."),
    "auto_reply_header": _("It is an automatic answer, which says nothing new."),
    "auto_reply_subject": _("Its subject says that it is an automatic answer."),
    "exchange_rule": _("It is an automatic answer, which says nothing new."),
    "null_sender": _("It answers us without a sender, as machines do."),
}

STATES: dict[str, Promise] = {
    Letter.State.WAITING: _("It waits to be read."),
    Letter.State.READ: _("It was read and stands in its ticket."),
    Letter.State.PARKED: _("It could not be read."),
    Letter.State.DUPLICATE: _("The same letter had come before; that one was read."),
    Letter.State.IGNORED: _("It made no ticket."),
}


AUTHENTICATIONS: dict[str, Promise] = {
    "pass": _("Its sender's domain stands for it."),
    "fail": _("Its sender's domain does not stand for it: somebody else may have written it."),
    "none": _("Its sender's domain does not say from where its letters come."),
    "unknown": _("Nobody could tell whether its sender's domain stands for it."),
}


# Why no machine of ours may answer a letter (screen.mute_because).
MUTES: dict[str, Promise] = {
    "no_letter": _("It is not a letter that a person wrote to the desk."),
    "null_sender": _("It has no sender to whom an answer could go back."),
    "own_mail_box": _("It comes from a mail box of this desk."),
    "old": _("It had lain on its server for days before it was fetched."),
    "sender_forged": _(
        "Its sender may be forged, so an answer might reach somebody who never wrote."
    ),
    "other_desk": _("Another help desk sent it, and two that answer each other would never end."),
    "mailing_list": _("It came through a mailing list."),
    "asks_for_silence": _("It asks that no machine answers."),
    "spam": _("The filter of the mail provider has marked it as spam."),
    "robot": _("Nobody reads what is sent to its address."),
}


def sentence_of(letter: Letter) -> str:
    """Return what became of `letter` and why, in the reader's language."""
    return reason_in_words(letter.reason, letter.detail) or str(STATES[letter.state])


def reason_in_words(reason: str, detail: str = "") -> str:
    """Return a reason as a sentence, with the words that told spam; "" for a code without one."""
    sentence = str(REASONS.get(reason, ""))
    if reason != "spam_learned" or "|" not in detail:
        return sentence
    number, _bar, words = detail.partition("|")
    counted = ngettext(
        "Learned from %(n)d letter of spam: %(words)s.",
        "Learned from %(n)d letters of spam: %(words)s.",
        int(number),
    )
    return f"{sentence} {counted % {'n': int(number), 'words': words}}"
