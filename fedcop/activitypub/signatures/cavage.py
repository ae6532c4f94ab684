"""Signatures of draft-cavage-http-signatures-12, the form that the whole fediverse speaks.

Sent is exactly one form, the only one that every peer's verifier passes: RSA with `rsa-sha256`,
`(request-target) host date digest content-type`, the parameters in this order and without spaces.
Read is every form that is safe, however it is spelt.
"""

import re
from base64 import b64encode
from binascii import Error as BadBase64
from binascii import a2b_base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from fedcop.activitypub.signatures import digest, freshness
from fedcop.activitypub.signatures.keys import PrivateKey, PublicKey
from fedcop.activitypub.signatures.request import HttpRequest, destination
from fedcop.errors import Malformed, Unproved

LONGEST_HEADER = 8_192
_MOST_HEADERS = 32
_TARGET = "(request-target)"
_TIMES = frozenset({"(created)", "(expires)"})

# One parameter and what follows it. Every repetition ends at a character outside its set, so that
# the time grows with the length only.
_PARAMETER = re.compile(
    r"[ \t]*([A-Za-z][A-Za-z0-9_-]*)[ \t]*=[ \t]*"
    r'(?:"([^"\\\r\n]*)"|([A-Za-z0-9_.+/:=-]+))[ \t]*(,|\Z)'
)
# The spelling of nearly everybody, in one step; whatever else there is, is taken apart one by one.
_USUAL = re.compile(
    r'keyId="([^"\\\r\n]+)",(?:algorithm="([^"\\\r\n]*)",)?headers="([^"\\\r\n]*)",'
    r'signature="([^"\\\r\n]+)"'
)
_SECONDS = re.compile(r"[0-9]{1,12}")

# Which hash to try: False is SHA-256, True is SHA-512. Who writes hs2019 means SHA-256, although
# the draft says SHA-512; GoToSocial accepts both.
_RSA_HASHES = {
    "": (False, True),
    "hs2019": (False, True),
    "rsa-sha256": (False,),
    "rsa-sha512": (True,),
}
_ED25519_HASHES = {"": (False,), "hs2019": (False,), "ed25519": (False,)}


@dataclass(slots=True)
class CavageSignature:
    """The `Signature` header, taken apart; `algorithm` is lower-case and empty if missing."""

    key_id: str
    algorithm: str
    headers: tuple[str, ...]
    signature: bytes
    created: int | None
    expires: int | None


def read(request: HttpRequest) -> CavageSignature:
    """Take apart the `Signature` header; nothing is verified yet.

    Spaces around commas, any order, unquoted values and a missing `algorithm` are read; unknown
    parameters are passed over, as the draft says.

    Raises:
        Unproved: there is no such header, or it lacks `keyId` or `signature`.
        Malformed: it is there twice, has a parameter twice, is too long, or cannot be read.
    """
    text = request.one("signature")
    if not text:
        raise Unproved("Sign the request: it has no Signature header.")
    usual = _USUAL.fullmatch(text) if len(text) <= LONGEST_HEADER else None
    if usual is not None:
        key_id, algorithm, names, signature = usual.groups("")
        raw = _decoded(signature)
        return CavageSignature(key_id, algorithm.lower(), _names(names), raw, None, None)
    given = _parameters(text)
    key_id, signature = given.get("keyid"), given.get("signature")
    if not key_id or not signature:
        raise Unproved("Send keyId and signature in the Signature header.")
    return CavageSignature(
        key_id,
        given.get("algorithm", "").lower(),
        _names(given.get("headers", "(created)")),
        _decoded(signature),
        _seconds(given, "created"),
        _seconds(given, "expires"),
    )


def verify(request: HttpRequest, signature: CavageSignature, key: PublicKey, now: datetime) -> None:
    """Return if `key` signed this very request, to this host, a short time ago.

    Signed must be `(request-target)`, `host`, `date` or `(created)`, and, when there is a body, a
    digest that fits it. The host is the one we are configured with. Signers that leave the query
    out of `(request-target)` are accepted (PieFed, and Mastodon's verifier does the same).

    Raises:
        Unproved: something of this is missing, does not fit, or the key did not sign it.
        Malformed: a header that must be unique is there twice.
    """
    covered = _check_coverage(request, signature)
    _check_time(request, signature, now)
    checked = digest.check(request)
    if request.has_body and not checked & covered:
        raise Unproved("Sign the Digest of the body too.")
    table = _ED25519_HASHES if key.algorithm == "ed25519" else _RSA_HASHES
    hashes = table.get(signature.algorithm)
    if hashes is None:
        raise Unproved("Sign with rsa-sha256, or with hs2019 and an RSA or Ed25519 key.")
    path, query, _ = request.target.partition("?")
    for target in (request.target, path) if query else (request.target,):
        text = _signing_string(request, signature, target)
        for sha512 in hashes:
            if key.verifies(signature.signature, text, sha512=sha512):
                return
    raise Unproved("Sign with the key that keyId names: the signature does not match.")


def sign(
    method: str,
    url: str,
    body: bytes | None,
    key: PrivateKey,
    now: datetime,
    *,
    content_type: str = "application/activity+json",
) -> dict[str, str]:
    """The headers to send with this request, exactly as they must go out.

    `body` is None for a GET. The Date is three seconds before `now` (aware), because Misskey and
    NodeBB refuse more than two ahead of their own clock. An Ed25519 key is announced as `hs2019`.

    Raises:
        Malformed: `url` is not an absolute http(s) URL in ASCII.
    """
    to = destination(url)
    fields = {
        "Host": to.authority,
        "Date": freshness.http_date(now - timedelta(seconds=freshness.BACKDATED)),
    }
    if body is not None:
        fields["Digest"] = digest.digest(body)
        fields["Content-Type"] = content_type
    lines = [f"{_TARGET}: {method.lower()} {to.target}"]
    lines += [f"{name.lower()}: {value}" for name, value in fields.items()]
    names = " ".join([_TARGET, *(name.lower() for name in fields)])
    signature = b64encode(key.sign("\n".join(lines).encode())).decode()
    algorithm = "rsa-sha256" if key.algorithm == "rsa" else "hs2019"
    fields["Signature"] = (
        f'keyId="{key.id}",algorithm="{algorithm}",headers="{names}",signature="{signature}"'
    )
    return fields


@lru_cache(256)
def _names(text: str) -> tuple[str, ...]:
    """The signed headers; they stand in the same few orders everywhere."""
    names = tuple(text.lower().split())
    if len(names) > _MOST_HEADERS:
        raise Malformed(f"Sign at most {_MOST_HEADERS} headers.")
    return names


def _decoded(signature: str) -> bytes:
    try:
        return a2b_base64(signature, strict_mode=True)
    except (BadBase64, ValueError) as error:
        raise Malformed("Write the signature in base64.") from error


def _parameters(text: str) -> dict[str, str]:
    """Names (lower-case, so that keyId and keyid clash) and values of the header."""
    if len(text) > LONGEST_HEADER:
        raise Malformed(f"Send a Signature header of at most {LONGEST_HEADER} bytes.")
    found: dict[str, str] = {}
    position, end = 0, len(text)
    while position < end or not found:
        match = _PARAMETER.match(text, position)
        if match is None:
            raise Malformed(f'Write the Signature header as name="value": byte {position}.')
        name, quoted, bare, comma = match.groups()
        name = name.lower()
        if name in found:
            raise Malformed(f"Send {name} once in the Signature header.")
        found[name] = bare if quoted is None else quoted
        position = match.end()
        if comma and position == end:
            raise Malformed("End the Signature header without a comma.")
    return found


def _seconds(given: dict[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise Malformed(f"Write {name} in whole seconds since 1970.")
    return int(text)


def _check_coverage(request: HttpRequest, signature: CavageSignature) -> frozenset[str]:
    covered = _coverage(signature.headers)
    if len(request.all("host")) > 1:
        raise Malformed("Send the header host once.")
    return covered


@lru_cache(256)
def _coverage(names: tuple[str, ...]) -> frozenset[str]:
    covered = frozenset(names)
    if len(covered) != len(names):
        raise Unproved("Sign each header once.")
    if _TARGET not in covered or "host" not in covered:
        raise Unproved("Sign (request-target) and host.")
    return covered


def _check_time(request: HttpRequest, signature: CavageSignature, now: datetime) -> None:
    """Every signed time must be fresh; what is not signed proves nothing and is not looked at."""
    expires: int | None = None
    if "(expires)" in signature.headers:
        expires = signature.expires
    signed: list[int] = []
    if "(created)" in signature.headers and signature.created is not None:
        signed.append(signature.created)
    if "date" in signature.headers:
        signed.append(freshness.parse_date(request.one("date") or ""))
    if not signed:
        raise Unproved("Sign date or (created).")
    for at in signed:
        freshness.check(at, expires, now)


def _signing_string(request: HttpRequest, signature: CavageSignature, target: str) -> bytes:
    lines: list[str] = []
    for name in signature.headers:
        if name == _TARGET:
            value = f"{request.method.lower()} {target}"
        elif name == "host":
            value = request.authority
        elif name in _TIMES:
            seconds = signature.created if name == "(created)" else signature.expires
            value = "" if seconds is None else str(seconds)
        else:
            values = request.all(name)
            if len(values) == 1:
                value = values[0].strip(" \t")
            else:
                value = ", ".join([one.strip(" \t") for one in values]) if values else ""
        if not value:
            _refuse_absent(request, name)
        lines.append(f"{name}: {value}")
    text = "\n".join(lines)
    if text.count("\n") != len(lines) - 1 or "\r" in text:
        raise Malformed("Send headers without line breaks.")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise Malformed("Send headers as bytes, not as wide characters.") from error


def _refuse_absent(request: HttpRequest, name: str) -> None:
    if name in _TIMES:
        raise Unproved(f"Send the {name} that is signed.")
    if not request.all(name):
        raise Unproved(f"Send the header {name} that is signed.")
