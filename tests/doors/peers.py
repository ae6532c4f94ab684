"""Other servers, honest and not: documents by URL, people with keys, and how they sign."""

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fedcop.uris import PUBLIC

AS = "application/activity+json"
HOME = "cop.test"
USUAL = ("(request-target)", "host", "date", "digest", "content-type")
_numbers = count(1)

Reply = dict[str, Any] | int | Callable[[httpx.Request], Awaitable[httpx.Response]]
Pairs = list[tuple[str, str]]


@cache
def rsa_key(number: int = 0, bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """The same key for the same number, since each takes long to make."""
    return rsa.generate_private_key(exponent, bits)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


@dataclass
class Web(httpx.AsyncBaseTransport):
    """Every other server: a reply for each URL, 404 elsewhere; `asked` is what was asked."""

    replies: dict[str, Reply] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if request.method == "POST":
            return httpx.Response(202, stream=httpx.ByteStream(b""))
        self.asked.append(url)
        if request.url.host in self.silent:
            raise httpx.ConnectError("nobody answers", request=request)
        reply = self.replies.get(url, 404)
        if isinstance(reply, int):
            return httpx.Response(reply, stream=httpx.ByteStream(b""))
        if callable(reply):
            return await reply(request)
        return answer(json.dumps(reply).encode())

    def asked_of(self, host: str) -> list[str]:
        return [url for url in self.asked if url.startswith(f"https://{host}/")]


class Every(dict[str, httpx.AsyncBaseTransport]):
    """The servers behind the wires: whoever is not named is the web beside."""

    def __init__(self, web: Web, servers: dict[str, httpx.AsyncBaseTransport]) -> None:
        super().__init__(servers)
        self.web = web

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, self.web)


def answer(body: bytes, kind: str = AS, status: int = 200, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"content-type": kind, **given}
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def always(body: dict[str, Any] | bytes, kind: str = AS, status: int = 200, **headers: str) -> Any:
    """A reply for every request, whatever it says about itself."""

    async def reply(_: httpx.Request) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return answer(content, kind, status, **headers)

    return reply


@dataclass
class Peer:
    """An actor of another server; what it says is signed by its key unless told otherwise."""

    web: Web
    uri: str
    number: int = 0
    type: str = "Person"
    more: dict[str, Any] = field(default_factory=dict)
    key_id: str = ""

    def __post_init__(self) -> None:
        self.key_id = self.key_id or f"{self.uri}#main-key"

    @property
    def host(self) -> str:
        return self.uri.split("/")[2]

    @property
    def key(self) -> rsa.RSAPrivateKey:
        return rsa_key(self.number)

    def document(self) -> dict[str, Any]:
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": self.type,
            "preferredUsername": self.uri.rsplit("/", 1)[-1],
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "endpoints": {"sharedInbox": f"https://{self.host}/inbox"},
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": pem_of(self.key)},
        } | self.more

    def live(self) -> "Peer":
        """Let their host serve them."""
        self.web.replies[self.uri] = self.document()
        return self

    def mint(self, kind: str = "activities") -> str:
        return f"https://{self.host}/{kind}/{next(_numbers)}"

    def says(self, verb: str, thing: Any, **more: Any) -> dict[str, Any]:
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.mint(),
            "type": verb,
            "actor": self.uri,
            "object": thing,
        } | more

    def note(self, *, served: bool = True, **more: Any) -> dict[str, Any]:
        """A public Note of theirs; their host has it if it is `served`."""
        note = {
            "id": self.mint("notes"),
            "type": "Note",
            "attributedTo": self.uri,
            "to": [PUBLIC],
            "cc": [],
            "content": "<p>Rotate the chair every month.</p>",
            "published": "2026-11-01T10:00:00Z",
        } | more
        if served:
            self.web.replies[note["id"]] = note
        return note

    def creates(self, note: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.says("Create", note, to=[PUBLIC], **more)

    def sign(self, body: bytes, **how: Any) -> Pairs:
        """The headers of a request to our inbox with this body; `how` as in `sign`."""
        how.setdefault("key_id", self.key_id)
        return sign(body, self.key, **how)


def sign(
    body: bytes,
    key: rsa.RSAPrivateKey,
    *,
    key_id: str,
    covered: tuple[str, ...] = USUAL,
    path: str = "/inbox",
    host: str = HOME,
    method: str = "post",
    at: timedelta = timedelta(),
    headers: dict[str, str] | None = None,
    algorithm: str | None = "rsa-sha256",
    extra: str = "",
    special: dict[str, str] | None = None,
) -> Pairs:
    """Sign as draft-cavage says, written apart from the product's own signer.

    `headers` replace what would be sent and signed, an empty one leaves it out; `special` are
    values of `(created)` and `(expires)`; `extra` is added to the Signature header.
    """
    moment = datetime.now(UTC) + at
    sent = {
        "host": HOME,
        "date": moment.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "digest": "SHA-256=" + b64encode(sha256(body).digest()).decode(),
        "content-type": AS,
    } | (headers or {})
    signed = {"(request-target)": f"{method} {path}", **sent, "host": host, **(special or {})}
    text = "\n".join(f"{name}: {signed[name]}" for name in covered)
    raw = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    parts = [f'keyId="{key_id}"']
    if algorithm is not None:
        parts.append(f'algorithm="{algorithm}"')
    parts += [f'headers="{" ".join(covered)}"', f'signature="{b64encode(raw).decode()}"']
    signature = ",".join(parts) + extra
    return [(name, value) for name, value in sent.items() if value] + [("signature", signature)]
