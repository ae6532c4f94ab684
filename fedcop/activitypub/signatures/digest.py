"""Digests of a body: `Digest` (RFC 3230) and `Content-Digest` (RFC 9530)."""

import hashlib
from binascii import b2a_base64
from functools import lru_cache

from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Unproved

_ALGORITHMS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_AROUND = {"digest": "", "content-digest": ":"}  # RFC 9530 writes bytes between colons
_MOST_PARTS = 16
_USUAL = frozenset({"SHA-256=", "sha-256="})
_DIGEST_ALONE = frozenset({"digest"})


@lru_cache(maxsize=16)  # one body goes to thousands of hosts
def digest(body: bytes) -> str:
    """The value of `Digest` for `body`, as every peer reads it."""
    return f"SHA-256={_base64('sha-256', body)}"


def content_digest(body: bytes) -> str:
    """The value of `Content-Digest` for `body` (RFC 9530 section 2)."""
    return f"sha-256=:{_base64('sha-256', body)}:"


def check(request: HttpRequest) -> frozenset[str]:
    """Compare every digest of the request with its body.

    Each part counts: SHA-256 and SHA-512 in any letter case must match wherever they stand (Lemmy
    is as strict), other algorithms are passed over. Returns which of `digest` and
    `content-digest` are there and right; nothing is said about whether they are signed.

    Raises:
        Unproved: a part does not match, or a header has no part with SHA-256 or SHA-512.
    """
    given = request.all("digest")
    usual = len(given) == 1 and given[0][:8] in _USUAL and not request.all("content-digest")
    if usual and given[0][8:] == _base64("sha-256", request.body):
        return _DIGEST_ALONE
    known: dict[str, str] = {}
    checked: set[str] = set()
    for name, around in _AROUND.items():
        values = request.all(name)
        if values:
            _check_header(name, around, ",".join(values), request.body, known)
            checked.add(name)
    return frozenset(checked)


def _check_header(name: str, around: str, value: str, body: bytes, known: dict[str, str]) -> None:
    parts = value.split(",")
    if len(parts) > _MOST_PARTS:
        raise Unproved(f"Send at most {_MOST_PARTS} digests in {name}.")
    usable = False
    for part in parts:
        algorithm, _, given = part.partition("=")
        algorithm = algorithm.strip(" \t").lower()
        if algorithm not in _ALGORITHMS:
            continue
        usable = True
        if algorithm not in known:
            known[algorithm] = _base64(algorithm, body)
        if given.strip(" \t") != f"{around}{known[algorithm]}{around}":
            raise Unproved(f"Send a {name} of the body itself: its {algorithm} does not match.")
    if not usable:
        raise Unproved(f"Send a {name} with SHA-256 or SHA-512.")


def _base64(algorithm: str, body: bytes) -> str:
    return b2a_base64(_ALGORITHMS[algorithm](body).digest(), newline=False).decode()
