"""RSA keys and certificates of a stand, and the pool of keys made ahead (a key costs about a tenth of a second)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from foundation.ids import Ids
from foundation.locks import locked

KEY_BITS = 2048
CERTIFICATE_LIFE = timedelta(days=365)


def new_private_key() -> str:
    """A new RSA key as PEM (PKCS#8, not encrypted)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def load_private_key(pem: str) -> rsa.RSAPrivateKey:
    """The key in `pem`, which this program made itself: checking it again costs 40 ms. ValueError if it is not RSA."""
    key = serialization.load_pem_private_key(pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def self_signed_certificate(
    private_pem: str, common_name: str, *, now: datetime, ids: Ids, life: timedelta = CERTIFICATE_LIFE
) -> str:
    """A certificate of the key for itself, as PEM, valid from a day before `now` for `life`."""
    key = load_private_key(private_pem)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(ids.number(1, 2**126))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + life)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


class KeyPool:
    """Keys made ahead, one file each in `folder`; several processes may take from it at once."""

    def __init__(self, folder: Path, ids: Ids) -> None:
        self._folder = folder
        self._ids = ids

    def fill(self, size: int) -> None:
        """Have at least `size` keys lie ready."""
        while self.add(size):
            pass

    def add(self, size: int) -> bool:
        """Make one key unless `size` lie ready; tells whether it did."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # One at a time on a machine: a key takes a core for a tenth of a second, and others wait for its answers.
        with locked(self._folder / "lock"):
            if len(list(self._folder.glob("*.pem"))) >= size:
                return False
            path = self._folder / f"{self._ids.token(12)}.part"
            path.touch(mode=0o600)
            path.write_text(new_private_key(), encoding="ascii")
            path.rename(path.with_suffix(".pem"))
        return True

    def take(self) -> str:
        """A key that nobody else gets; made on the spot when none lies ready."""
        for path in self._folder.glob("*.pem"):
            mine = path.with_suffix(f".{self._ids.token(6)}")
            try:
                path.rename(mine)
            except FileNotFoundError:
                continue
            pem = mine.read_text(encoding="ascii")
            mine.unlink()
            return pem
        return new_private_key()
