"""Who there is in the cases: the hosts by their letter, and the actors with their documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.hostile import keyring

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"
KIND = "application/activity+json"
HOSTS: Mapping[str, str] = {
    "L": "local.test",
    "P": "peer.test",
    "E": "evil.test",
    "V": "victim.test",
    "B": "blocked.test",
}
EMAIL, PASSWORD = "lara@example.org", "correct horse battery staple"
"""With which Lara signs in."""
SOFTWARE = {"peer.test": "mastodon", "victim.test": "lemmy", "evil.test": "mastodon"}


def base(letter: str) -> str:
    return f"https://{HOSTS[letter]}"


@dataclass(frozen=True, slots=True)
class Remote:
    """An actor of another server: where it lives, what it is, and the name of its key."""

    letter: str
    path: str
    type: str = "Person"

    @property
    def uri(self) -> str:
        return base(self.letter) + self.path


REMOTE: Mapping[str, Remote] = {
    "alice": Remote("P", "/u/alice"),
    "bob": Remote("P", "/u/bob"),
    "mod": Remote("P", "/u/mod"),
    "mod2": Remote("P", "/u/mod2"),
    "banned": Remote("P", "/u/banned"),
    "rgroup": Remote("P", "/c/rgroup", "Group"),
    "victor": Remote("V", "/u/victor"),
    "mallory": Remote("E", "/u/mallory"),
    "egroup": Remote("E", "/c/spam", "Group"),
    "bert": Remote("B", "/u/bert"),
}
BY_URI = {remote.uri: name for name, remote in REMOTE.items()}


def document(uri: str, key: str, kind: str = "Person", **more: Any) -> dict[str, Any]:
    """An actor's document, as an honest server has it."""
    host = "/".join(uri.split("/")[:3])
    found = {
        "@context": [AS, "https://w3id.org/security/v1"],
        "id": uri,
        "type": kind,
        "preferredUsername": uri.rsplit("/", 1)[-1],
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "endpoints": {"sharedInbox": f"{host}/inbox"},
        "publicKey": {
            "id": f"{uri}#main-key",
            "owner": uri,
            "publicKeyPem": keyring.pem(key),
        },
    }
    if kind == "Group":
        found |= {"attributedTo": f"{uri}/moderators", "featured": f"{uri}/featured"}
    return found | more


def document_of(name: str) -> dict[str, Any]:
    """The document of one of `REMOTE`."""
    remote = REMOTE[name]
    more = {"alsoKnownAs": [REMOTE["mod"].uri]} if name == "mod2" else {}
    return document(remote.uri, name, remote.type, **more)


def note(uri: str, author: str, place: str, content: str, **more: Any) -> dict[str, Any]:
    """A public Note in a community, as its host serves it."""
    return {
        "@context": AS,
        "id": uri,
        "type": "Note",
        "attributedTo": author,
        "content": content,
        "to": [place, PUBLIC],
        "cc": [],
        "audience": place,
        "published": "2026-01-05T10:00:00Z",
    } | more
