"""Actors: people, communities, and the programs that speak for servers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.base import Object, reads

ACTOR_TYPES = frozenset({"Person", "Group", "Application", "Service", "Organization"})
MAX_KEYS = 10
MAX_ALIASES = 256
_MAX_KEY_TEXT = 16_384


@dataclass(frozen=True, slots=True)
class KeyDocument:
    """A published key: RSA in `pem`, or a Multikey in `multibase`; `owner` is its controller."""

    id: str
    owner: str
    pem: str = ""
    multibase: str = ""

    @property
    def controller(self) -> str:
        """The owner, by the name that a Multikey gives it."""
        return self.owner


@reads(*ACTOR_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Object):
    """An actor. Whether a key belongs to it, and its inbox to its host, is for the caller to ask.

    `moderators` is the collection of a Group's stewards: `moderators` (FEP-1b12) or a string in
    `attributedTo` (Lemmy). `webfinger` is `name@host` of FEP-2c59.
    """

    preferred_username: str | None = None
    webfinger: str | None = None
    inbox: str | None = None
    shared_inbox: str | None = None
    outbox: str | None = None
    followers: str | None = None
    following: str | None = None
    featured: str | None = None
    moderators: str | None = None
    public_keys: tuple[KeyDocument, ...] = ()
    assertion_methods: tuple[KeyDocument, ...] = ()
    icon: str | None = None
    image: str | None = None
    manually_approves_followers: bool = False
    posting_restricted_to_mods: bool = False
    discoverable: bool | None = None
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None

    @classmethod
    def fields(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = Object.fields(document)
        endpoints = document.get("endpoints")
        endpoints = cast("dict[str, Any]", endpoints) if isinstance(endpoints, dict) else document
        fields |= {
            "preferred_username": _short(document.get("preferredUsername")),
            "webfinger": _short(document.get("webfinger")),
            "inbox": values.reference(document, "inbox"),
            "shared_inbox": values.reference(endpoints, "sharedInbox"),
            "outbox": values.reference(document, "outbox"),
            "followers": values.reference(document, "followers"),
            "following": values.reference(document, "following"),
            "featured": values.reference(document, "featured"),
            "moderators": _moderators(document, fields["type"]),
            "public_keys": _public_keys(document.get("publicKey")),
            "assertion_methods": _assertion_methods(document.get("assertionMethod")),
            "icon": values.link(document.get("icon")),
            "image": values.link(document.get("image")),
            "manually_approves_followers": document.get("manuallyApprovesFollowers") is True,
            "posting_restricted_to_mods": document.get("postingRestrictedToMods") is True,
            "discoverable": values.flag(document.get("discoverable")),
            "also_known_as": _aliases(document.get("alsoKnownAs")),
            "moved_to": values.hint(document, "movedTo"),
        }
        return fields

    @property
    def public_key(self) -> KeyDocument | None:
        """The first of the keys, which is the only one of nearly everybody."""
        return next(iter(self.public_keys), None)


def _short(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    value = value.strip()
    return value if 0 < len(value) <= 255 else None


def _moderators(document: Mapping[str, Any], kind: str) -> str | None:
    found = values.reference(document, "moderators")
    if found is None and kind == "Group" and isinstance(document.get("attributedTo"), str):
        found = values.reference(document, "attributedTo")
    return found


def _aliases(value: object) -> tuple[str, ...]:
    found = [one for one in values.many(value) if isinstance(one, str) and values.is_id(one)]
    return tuple(dict.fromkeys(found))[:MAX_ALIASES]


def _keys(value: object, owner_field: str, text_field: str) -> list[tuple[str, str, str]]:
    """The id, owner and text of each usable key; the others belong to nobody and are left out."""
    found: list[tuple[str, str, str]] = []
    for one in values.many(value)[:MAX_KEYS]:
        if not isinstance(one, dict):
            continue
        key = cast("dict[str, Any]", one)
        parts = [key.get(field) for field in ("id", owner_field, text_field)]
        match parts:
            case [str(uri), str(owner), str(words)] if values.is_id(uri) and values.is_id(owner):
                if len(words) <= _MAX_KEY_TEXT:
                    found.append((uri, owner, words))
            case _:
                pass
    return found


def _public_keys(value: object) -> tuple[KeyDocument, ...]:
    return tuple(
        KeyDocument(uri, owner, pem=pem)
        for uri, owner, pem in _keys(value, "owner", "publicKeyPem")
        if "PUBLIC KEY" in pem
    )


def _assertion_methods(value: object) -> tuple[KeyDocument, ...]:
    return tuple(
        KeyDocument(uri, owner, multibase=multibase)
        for uri, owner, multibase in _keys(value, "controller", "publicKeyMultibase")
    )
