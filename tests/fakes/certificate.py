"""A certificate that nobody trusts, for fakes that speak TLS."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def self_signed(address: str) -> ssl.SSLContext:
    """Return a server's context with a certificate of its own making for this IP address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(certificate_and_key(address))
        context.load_cert_chain(file)
    return context


def certificate_and_key(address: str, name_beside: str = "") -> bytes:
    """Return a certificate of its own making for this IP address, and its key, as PEM.

    name_beside  a host's name that it is good for, too
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)  # real: TLS looks at the machine's clock
    good_for: list[x509.GeneralName] = [x509.IPAddress(ip_address(address))]
    if name_beside:
        good_for.append(x509.DNSName(name_beside))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(good_for), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
