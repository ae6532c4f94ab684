"""The keys of the actors in the cases: by name, made once, some of them as bad as a case wants."""

import base64
import random
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_PRIVATE = rsa.RSAPrivateKey
_ODD = re.compile(r"rsa(\d+)(_bige)?")
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_SAME = re.compile(r"sub\w+")
_rng = random.Random(4)


@dataclass(frozen=True, slots=True)
class Odd:
    """A key that no library makes: too short, or too long to be checked cheaply.

    `secret` is None where a real one would take minutes: then it signs with noise.
    """

    modulus: int
    exponent: int
    secret: int | None

    @property
    def public(self) -> rsa.RSAPublicKey:
        return rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()

    def sign(self, text: bytes) -> bytes:
        size = (self.modulus.bit_length() + 7) // 8
        if self.secret is None:
            return _rng.randbytes(size)
        info = _SHA256_INFO + sha256(text).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
        return pow(int.from_bytes(padded), self.secret, self.modulus).to_bytes(size)


@cache
def key_of(name: str) -> _PRIVATE | Odd:
    """The key with this name; the thousands of `sub1`, `sub2` … share one."""
    odd = _ODD.fullmatch(name)
    if odd is not None:
        return _odd(int(odd[1]), big_exponent=odd[2] is not None)
    if _SAME.fullmatch(name) and name != "sub":
        return key_of("sub")
    return rsa.generate_private_key(65537, 2048)


def is_odd(name: str) -> bool:
    """Whether it is a key of a kind, not of somebody: whoever signs with it also serves it."""
    return _ODD.fullmatch(name) is not None


def sign(name: str, text: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256 over `text`."""
    key = key_of(name)
    if isinstance(key, Odd):
        return key.sign(text)
    return key.sign(text, padding.PKCS1v15(), hashes.SHA256())


@cache
def pem(name: str) -> str:
    """The public key, as actors publish it."""
    key = key_of(name)
    public = key.public if isinstance(key, Odd) else key.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, spki).decode()


def noise(size: int = 256) -> str:
    """Base64 of random bytes."""
    return base64.b64encode(_rng.randbytes(size)).decode()


def _odd(bits: int, *, big_exponent: bool) -> Odd:
    if bits > 4096 or big_exponent:
        exponent = (1 << 4000) + 1 if big_exponent else 65537
        return Odd(_rng.getrandbits(bits) | 1 | 1 << (bits - 1), exponent, None)
    while True:
        p, q = _prime(bits // 2), _prime(bits // 2)
        circle = (p - 1) * (q - 1)
        if circle % 65537 and p != q and (p * q).bit_length() == bits:
            return Odd(p * q, 65537, pow(65537, -1, circle))


def _prime(bits: int) -> int:
    while True:
        number = _rng.getrandbits(bits) | 1 | 3 << (bits - 2)
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7, 11, 13)):
            return number
