"""What every peer's parser begins with: refusals in words, and typed looks into a document."""

from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Refused(Exception):
    """The peer would not take this; the message says which rule of its own it breaks."""


def check(holds: object, why: str) -> None:
    if not holds:
        raise Refused(why)


def get(document: Json, key: str, kind: type[Any] | tuple[type[Any], ...]) -> Any:
    """A key that the peer reads without guarding, of a type that it can read."""
    check(key in document, f"{document.get('type')}: no {key}")
    value = document[key]
    check(isinstance(value, kind), f"{document.get('type')}.{key} is a {type(value).__name__}")
    return value


def url(value: object, what: str = "url") -> str:
    """An https URL without port or fragment-only trickery: Lemmy refuses ports and IP hosts."""
    check(isinstance(value, str), f"{what} is no string: {value!r}")
    parts = urlsplit(str(value))
    check(parts.scheme == "https" and parts.hostname, f"{what} is no https URL: {value}")
    check(parts.port is None, f"{what} has a port: {value}")
    return str(value)


def addressed(document: Json) -> None:
    """Both `to` and `cc`, as arrays."""
    for key in ("to", "cc"):
        urls(document, key)


def host(value: str) -> str:
    return urlsplit(value).netloc


def urls(document: Json, key: str) -> list[str]:
    """An array of URLs, nothing else: a scalar loses the whole activity on Lemmy."""
    return [url(one, key) for one in get(document, key, list)]


def same_host(*ids: str) -> None:
    check(len({host(one) for one in ids}) == 1, f"hosts differ: {', '.join(ids)}")


def public_key(actor: Json) -> None:
    """One object, never an array: NodeBB and PieFed read `publicKey.publicKeyPem`."""
    key = get(actor, "publicKey", dict)
    same_host(url(get(key, "id", str)), actor["id"])
    check(get(key, "owner", str) == actor["id"], "the key belongs to another actor")
    check(get(key, "publicKeyPem", str).startswith("-----BEGIN PUBLIC KEY-----"), "no SPKI PEM")


def no_fragment(document: Json) -> None:
    check("#" not in url(document.get("id"), "id"), f"the id has a fragment: {document.get('id')}")
