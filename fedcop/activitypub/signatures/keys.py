"""Keys of actors: RSA of 2,048 to 8,192 bits and Ed25519, nothing else."""

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from fedcop.activitypub.signatures import multibase
from fedcop.errors import Malformed

_LONGEST_PEM = 8_192  # a private key of 8,192 bits is 6.4 KB; parsing more is work for nothing
_ED25519 = b"\xed\x01"  # multicodec ed25519-pub, FEP-521a
_RSA = b"\x85\x24"  # multicodec rsa-pub (PKCS#1 DER), FEP-521a
_PADDING = PKCS1v15()
_SHA256 = SHA256()
_SHA512 = SHA512()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key by which an actor is recognised: `id` is the key's, `owner` the actor's.

    Callers keep these objects: parsing costs more than verifying. Nothing here says that `owner`
    lists the key; whoever fetched it has checked that (security rule T2).
    """

    id: str
    owner: str
    key: RSAPublicKey | Ed25519PublicKey
    algorithm: Literal["rsa", "ed25519"] = field(init=False)

    def __post_init__(self) -> None:
        check_strength(self.key)
        is_ed25519 = isinstance(self.key, Ed25519PublicKey)
        object.__setattr__(self, "algorithm", "ed25519" if is_ed25519 else "rsa")

    @classmethod
    def from_pem(cls, id: str, owner: str, pem: str) -> Self:
        """The key of an actor's `publicKeyPem` (SPKI, or PKCS#1 as some peers write it).

        Raises:
            Malformed: not PEM, or a key outside RSA 2,048 to 8,192 bits and Ed25519.
        """
        return cls(id, owner, _allowed(_parsed(pem)))

    @classmethod
    def from_multibase(cls, id: str, owner: str, multibase: str) -> Self:
        """The key of a Multikey's `publicKeyMultibase` (FEP-521a: `z6Mk…`, and `z4MX…` for RSA).

        Raises:
            Malformed: another base or codec, a wrong length, or a key that is not allowed.
        """
        return cls(id, owner, _from_multicodec(multibase))

    @property
    def pem(self) -> str:
        """SPKI PEM, as `publicKeyPem` carries it."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def multibase(self) -> str:
        """`publicKeyMultibase` of a Multikey (FEP-521a)."""
        if isinstance(self.key, Ed25519PublicKey):
            return multibase.encode(_ED25519 + self.key.public_bytes_raw())
        return multibase.encode(_RSA + self.key.public_bytes(Encoding.DER, PublicFormat.PKCS1))

    def verifies(self, signature: bytes, data: bytes, *, sha512: bool = False) -> bool:
        """Whether `signature` over `data` was made by this key's private half.

        Ed25519, or RSASSA-PKCS1-v1_5 with SHA-256 (with SHA-512 if `sha512`).
        """
        key: Any = self.key  # isinstance of an abstract class is not for free
        try:
            if self.algorithm == "ed25519":
                key.verify(signature, data)
            else:
                key.verify(signature, data, _PADDING, _SHA512 if sha512 else _SHA256)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key of ours: what it signs is said by `owner`."""

    id: str
    owner: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def from_pem(cls, id: str, owner: str, pem: str, *, trusted: bool) -> Self:
        """The key of a PKCS#8 PEM.

        `trusted` says that the PEM comes from our own database: then OpenSSL does not check the
        RSA numbers, which takes 27 ms during which no other thread runs.

        Raises:
            Malformed: not PEM, or a key outside RSA 2,048 to 8,192 bits and Ed25519.
        """
        _check_length(pem)
        try:
            key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=trusted)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Malformed("Give the private key as an unencrypted PKCS#8 PEM.") from error
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise Malformed("Give an RSA or Ed25519 private key.")
        check_strength(key.public_key())
        return cls(id, owner, key)

    @property
    def algorithm(self) -> str:
        """`rsa` or `ed25519`."""
        return "ed25519" if isinstance(self.key, Ed25519PrivateKey) else "rsa"

    @property
    def public(self) -> PublicKey:
        """The half that the owner's document shows."""
        return PublicKey(self.id, self.owner, self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519."""
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, _PADDING, _SHA256)


def generate_rsa() -> str:
    """A fresh RSA key of 2,048 bits (the only kind that every peer reads), as PKCS#8 PEM."""
    return _pem(generate_private_key(65_537, 2_048))


def generate_ed25519() -> str:
    """A fresh Ed25519 key, as PKCS#8 PEM."""
    return _pem(Ed25519PrivateKey.generate())


def check_strength(key: RSAPublicKey | Ed25519PublicKey) -> None:
    """Raise Malformed for an RSA key too weak to trust, or built to make verifying slow."""
    if isinstance(key, RSAPublicKey):
        exponent = key.public_numbers().e
        if not 2_048 <= key.key_size <= 8_192:
            raise Malformed(f"Use an RSA key of 2,048 to 8,192 bits, not {key.key_size}.")
        if not 3 <= exponent < 2**32 or exponent % 2 == 0:
            raise Malformed("Use an RSA key with an odd exponent below 2^32, such as 65537.")


def _pem(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _check_length(pem: str) -> None:
    if len(pem) > _LONGEST_PEM:
        raise Malformed(f"Send a key of at most {_LONGEST_PEM} characters of PEM.")


def _parsed(pem: str) -> object:
    _check_length(pem)
    try:
        return load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Malformed("Send the public key as PEM: '-----BEGIN PUBLIC KEY-----'.") from error


def _allowed(key: object) -> RSAPublicKey | Ed25519PublicKey:
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise Malformed("Use an RSA or an Ed25519 key.")
    return key


def _from_multicodec(text: str) -> RSAPublicKey | Ed25519PublicKey:
    data = multibase.decode(text)
    codec, body = data[:2], data[2:]
    try:
        if codec == _ED25519:
            return Ed25519PublicKey.from_public_bytes(body)
        if codec == _RSA:
            return _allowed(load_der_public_key(body))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Malformed("Send a Multikey whose bytes fit its codec.") from error
    raise Malformed("Send a Multikey of Ed25519 ('z6Mk…') or RSA ('z4MX…').")
