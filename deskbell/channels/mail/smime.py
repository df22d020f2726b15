"""S/MIME (RFC 8551): is a signature whole, and does an authority vouch for who made it; and opening with our key.

CMS is read by asn1crypto, everything cryptographic is done by cryptography.  Runs in the child that reads letters.
"""

from __future__ import annotations

import hmac
import ssl
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deskbell import clock
from deskbell.channels.mail.decode import one_line
from deskbell.channels.mail.signatures import Signature, judged

# What no letter needs: more would cost time.
MAX_CERTIFICATES = 20
MAX_SIGNATURE_BYTES = 1_000_000
SIGNED_KINDS = ("application/pkcs7-signature", "application/x-pkcs7-signature")
PACKED_KINDS = ("application/pkcs7-mime", "application/x-pkcs7-mime")

_HASHES: dict[str, hashes.HashAlgorithm] = {
    # Whole is whole, also by SHA-1: what is unsafe of it is its certificate, which no authority vouches for.
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class CannotTell(ValueError):
    """It is signed in a way that is not known here, or is no signature at all."""


def check(signed: bytes, signature: bytes, author: str) -> Signature:
    """Return what a signature beside a part is worth.

    signed  the part, byte for byte, lines ended by CR LF
    """
    if len(signature) > MAX_SIGNATURE_BYTES:
        return Signature("smime", "not_checked")
    try:
        return _check(_signed_data(signature), signed, author)
    except Exception:  # noqa: BLE001  strangers' ASN.1 ends in every error there is
        return Signature("smime", "not_checked")


def unpack(raw: bytes, author: str) -> tuple[bytes, Signature] | None:
    """Return the letter inside a signed one that is packed in its signature; None when it is none."""
    try:
        data = _signed_data(raw)
        content = data["encap_content_info"]["content"].native
        if not isinstance(content, bytes):
            return None
    except Exception:  # noqa: BLE001  the same
        return None
    try:
        return content, _check(data, content, author)
    except Exception:  # noqa: BLE001  the same
        return content, Signature("smime", "not_checked")


def open_(raw: bytes, keys: Iterable[str]) -> bytes | None:
    """Return the letter inside an encrypted one, by the first key that opens it; None when none does.

    keys  private keys, each with its certificate, as PEM
    """
    for pem in keys:
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key = load_pem_private_key(pem.encode(), None)
            if isinstance(key, rsa.RSAPrivateKey):
                return pkcs7.pkcs7_decrypt_der(raw, certificate, key, [])
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    return None


def is_encrypted(raw: bytes) -> bool:
    """Whether a packed part hides its words, rather than only being signed."""
    try:
        return cms.ContentInfo.load(raw)["content_type"].native in (
            "enveloped_data",
            "authenticated_enveloped_data",
        )
    except (ValueError, TypeError, KeyError):
        return False


def addresses_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the mail addresses that a certificate is for, in lower case."""
    found = [
        str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    ]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [*names.get_values_for_type(x509.RFC822Name), *found]
    except (x509.ExtensionNotFound, ValueError):
        pass
    return tuple(dict.fromkeys(one.lower() for one in found))


def _signed_data(raw: bytes) -> Any:
    info = cms.ContentInfo.load(raw)
    if info["content_type"].native != "signed_data":
        raise CannotTell
    return info["content"]


def _check(data: Any, signed: bytes, author: str) -> Signature:
    """1. Find who signed.  2. Compare what was signed with what came.  3. Check the signature.  4. Ask who vouches."""
    certificates = [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in list(data["certificates"])[:MAX_CERTIFICATES]
        if one.name == "certificate"
    ]
    signer = data["signer_infos"][0]
    certificate = _of_signer(signer, certificates)
    if certificate is None:
        raise CannotTell
    claims, name = addresses_of(certificate), _name_of(certificate)
    if not _is_whole(signer, signed, certificate):
        return Signature("smime", "broken", next(iter(claims), ""), name)
    vouched = _is_vouched_for(certificate, [one for one in certificates if one != certificate])
    return judged("smime", is_vouched_for=vouched, claims=claims, author=author, name=name)


def _of_signer(signer: Any, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    sid = signer["sid"]
    if sid.name == "issuer_and_serial_number":
        serial = sid.chosen["serial_number"].native
        issuer = sid.chosen["issuer"].dump()
        return next(
            (
                one
                for one in certificates
                if one.serial_number == serial and one.issuer.public_bytes() == issuer
            ),
            None,
        )
    wanted = sid.chosen.native
    for one in certificates:
        try:
            found = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        except x509.ExtensionNotFound:
            continue
        if found.digest == wanted:
            return one
    return None


def _is_whole(signer: Any, signed: bytes, certificate: x509.Certificate) -> bool:
    algorithm = _HASHES.get(signer["digest_algorithm"]["algorithm"].native)
    if algorithm is None:
        raise CannotTell
    attributes = signer["signed_attrs"]
    message = signed
    if attributes.native:
        digest = hashes.Hash(algorithm)
        digest.update(signed)
        told = next(
            one["values"][0].native for one in attributes if one["type"].native == "message_digest"
        )
        if not hmac.compare_digest(digest.finalize(), told):
            return False
        # In the letter they are tagged as a field; signed they were as the set that they are (RFC 5652, 5.4).
        message = attributes.untag().dump(force=True)
    return _fits(certificate, signer, message, algorithm)


def _fits(
    certificate: x509.Certificate, signer: Any, message: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    key, signature = certificate.public_key(), signer["signature"].native
    kind = signer["signature_algorithm"]["algorithm"].native
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            way: padding.AsymmetricPadding = padding.PKCS1v15()
            if kind == "rsassa_pss":
                way = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            key.verify(signature, message, way, algorithm)
        else:
            raise CannotTell
    except InvalidSignature:
        return False
    return True


def _is_vouched_for(certificate: x509.Certificate, others: list[x509.Certificate]) -> bool:
    """Whether a chain leads to an authority that this machine trusts, and the certificate is for mail."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not {
            ExtendedKeyUsageOID.EMAIL_PROTECTION,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        } & set(usage):
            return False
    except x509.ExtensionNotFound:
        pass
    store = trusted()
    if store is None:
        return False
    anything = verification.ExtensionPolicy.permit_all()
    authorities = verification.ExtensionPolicy.webpki_defaults_ca()
    verifier = (
        verification.PolicyBuilder()
        .store(store)
        .time(clock.now())
        .extension_policies(ca_policy=authorities, ee_policy=anything)
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, others)
    except verification.VerificationError:
        return False
    return True


@cache
def trusted() -> verification.Store | None:
    """Return the authorities that this machine trusts; None when it has no list of them."""
    path = ssl.get_default_verify_paths().cafile
    try:
        # The lists of systems hold certificates of the last century, of which the package warns.
        with warnings.catch_warnings(action="ignore"):
            found = x509.load_pem_x509_certificates(Path(path or "").read_bytes())
            return verification.Store(found)
    except (OSError, ValueError):
        return None


def _name_of(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return one_line(str(found[0].value))[:200] if found else ""
