"""How peers verify a request of ours: by their strictest parsers, with a second implementation."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.peers.strict import Refused, check

# Discourse: these parameters only, all quoted, no spaces; NodeBB: keyId first.
_HEADER = re.compile(
    r'keyId="(?P<key>[^"]+)",algorithm="rsa-sha256",headers="(?P<names>[^"]+)",'
    r'signature="(?P<value>[A-Za-z0-9+/=]+)"'
)
_INPUT = re.compile(r'(\w+)=(\(([^)]*)\);created=(\d+);keyid="([^"]+)";alg="rsa-v1_5-sha256")')


def key_id(request: httpx.Request) -> str | None:
    """The key that a request names in either form; None if it is not signed."""
    for name in ("signature-input", "signature"):
        match = re.search(r'key[iI]d="([^"]+)"', request.headers.get(name, ""))
        if match:
            return match[1]
    return None


def cavage(request: httpx.Request, pem: str) -> None:
    """Form A of federation.md §3.1, and the clock of NodeBB: −300 to +2 s."""
    match = _HEADER.fullmatch(request.headers.get("signature", ""))
    if match is None:
        raise Refused(f"Signature: {request.headers.get('signature')}")
    names = match["names"].split()
    check({"(request-target)", "host", "date"} <= {*names}, f"signed are {names}")
    check("signature-input" not in request.headers, "both header styles at once")
    _clock(parsedate_to_datetime(request.headers["date"]).timestamp())
    if request.method == "POST":
        order = ["(request-target)", "host", "date", "digest", "content-type"]
        check(names == order, f"signed are {names}")
        digest = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
        check(request.headers["digest"] == f"SHA-256={digest}", "digest")
        check(request.headers["content-type"] == "application/activity+json", "content type")
    lines = [
        f"(request-target): {request.method.lower()} {_target(request)}"
        if name == "(request-target)"
        else f"{name}: {request.headers[name]}"
        for name in names
    ]
    _verify(pem, match["value"], "\n".join(lines))


def rfc9421(request: httpx.Request, pem: str) -> None:
    """The method and the target, and the digest of what there is."""
    match = _INPUT.fullmatch(request.headers.get("signature-input", ""))
    if match is None:
        raise Refused(f"Signature-Input: {request.headers.get('signature-input')}")
    label, parameters, covered, created = match[1], match[2], match[3], int(match[4])
    names = [name.strip('"') for name in covered.split()]
    check({"@method", "@target-uri"} <= {*names}, f"signed are {names}")
    _clock(created)
    if request.method == "POST":
        check("content-digest" in names, "the body is not signed")
        digest = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
        check(request.headers["content-digest"] == f"sha-256=:{digest}:", "digest")
    derived = {"@method": request.method, "@target-uri": str(request.url)}
    lines = [f'"{name}": {derived.get(name) or request.headers[name]}' for name in names]
    value = re.fullmatch(rf"{label}=:([^:]+):", request.headers.get("signature", ""))
    check(value, "Signature")
    _verify(
        pem, value[1] if value else "", "\n".join([*lines, f'"@signature-params": {parameters}'])
    )


def _target(request: httpx.Request) -> str:
    parts = urlsplit(str(request.url))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _clock(at: float) -> None:
    skew = at - datetime.now(UTC).timestamp()
    check(-300 <= skew <= 2, f"the date is {skew:.1f} s off")


def _verify(pem: str, value: str, text: str) -> None:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise Refused("no RSA key")
    try:
        key.verify(base64.b64decode(value), text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Refused("the signature does not fit the request") from None
