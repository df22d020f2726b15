"""What somebody outside says is masked before it becomes a message: by its channel, or here where that had no need to.

Actions that take the words of customers and outsiders call it first; what agents write in the desk is left as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deskbell.masking import rules

if TYPE_CHECKING:
    from deskbell.masking.masks import Masking
    from deskbell.tickets.content import Content


def masked(content: Content, subject: str = "") -> tuple[Content, str]:
    """Return what is said and its subject, masked; as they are where their channel has seen to it."""
    if content.masked is not None:
        return content, subject
    masking = rules.begin()
    text, quoted, html = masking.words(content.text, content.quoted, content.html)
    files = tuple(replace(file, name=masking.text(file.name)) for file in content.files)
    subject = masking.text(subject)
    said = replace(content, text=text, quoted=quoted, html=html, files=files)
    return telling(said, masking), subject


def telling(content: Content, masking: Masking) -> Content:
    """Return content that was masked, with what was done."""
    facts = {**content.facts, "masked": masking.told} if masking.told else content.facts
    return replace(content, facts=facts, masked=dict(masking.times))
