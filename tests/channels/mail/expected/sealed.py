"""Signed and encrypted letters, and what that is worth."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "bomb_pgp_that_swells": Says(refused="swells"),
    "pgp_by_a_key_that_nobody_added": Says(
        "Signed words: á.", files=("signature.asc",), signature=("pgp", "not_checked", "")
    ),
    "pgp_by_somebody_else": Says(
        "Signed words: á.",
        files=("signature.asc",),
        signature=("pgp", "other", "frida@acme.example"),
    ),
    "pgp_changed_on_the_way": Says(
        "Forged words: á.",
        files=("signature.asc",),
        signature=("pgp", "broken", "emil@acme.example"),
    ),
    "pgp_encrypted": Says("Signed words: á.", encrypted="opened"),
    "pgp_encrypted_and_signed": Says(
        "Signed words: á.", signature=("pgp", "valid", "emil@acme.example"), encrypted="opened"
    ),
    "pgp_encrypted_in_the_text": Says("Secret words.", encrypted="opened"),
    "pgp_encrypted_with_its_subject": Says(
        "Signed words: á.", subject="The zip in secret", encrypted="opened"
    ),
    "pgp_signed_in_the_text": Says(
        "Signed in the text.\n- a dash", signature=("pgp", "valid", "emil@acme.example")
    ),
    "pgp_signed_text_among_others": Says(
        "Pay to Mallory.\n\nSigned in the text.\n- a dash", signature=("pgp", "not_checked", "")
    ),
    "pgp_valid": Says(
        "Signed words: á.",
        files=("signature.asc",),
        signature=("pgp", "valid", "emil@acme.example"),
    ),
    "smime_by_somebody_else": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "other", "frida@acme.example")
    ),
    "smime_changed_on_the_way": Says(
        "Forged words: á.", files=("smime.p7s",), signature=("smime", "broken", "emil@acme.example")
    ),
    "smime_encrypted": Says("Signed words: á.", encrypted="opened"),
    "smime_encrypted_for_others": Says("", files=("smime.p7m",), encrypted="closed"),
    "smime_nobody_vouches": Says(
        "Signed words: á.",
        files=("smime.p7s",),
        signature=("smime", "unknown", "emil@acme.example"),
    ),
    "smime_of_nonsense": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "not_checked", "")
    ),
    "smime_packed": Says("Signed words: á.", signature=("smime", "valid", "emil@acme.example")),
    "smime_signed_and_encrypted": Says(
        "Signed words: á.",
        files=("smime.p7s",),
        signature=("smime", "valid", "emil@acme.example"),
        encrypted="opened",
    ),
    "smime_valid": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "valid", "emil@acme.example")
    ),
    "smime_valid_elliptic": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "valid", "emil@acme.example")
    ),
    "smime_valid_with_pss": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "valid", "emil@acme.example")
    ),
    "smime_without_certificate": Says(
        "Signed words: á.", files=("smime.p7s",), signature=("smime", "not_checked", "")
    ),
}
