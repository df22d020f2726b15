"""What must come of every mail in tests/mails, a table for each sort of trouble."""

from tests.channels.mail.expected import (
    calendars,
    charsets,
    forwards,
    heads,
    names,
    parts,
    plain,
    reports,
    sealed,
    senders,
)

EXPECTED = {
    name: says
    for table in (
        plain,
        charsets,
        heads,
        names,
        parts,
        senders,
        forwards,
        calendars,
        sealed,
        reports,
    )
    for name, says in table.EXPECTED.items()
}
