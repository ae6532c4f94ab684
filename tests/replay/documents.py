"""The activities of the corpus, each as its sender would have sent it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.inbox.verbs import HANDLERS
from fedcop.uris import PUBLIC

PLATFORMS = (
    *("lemmy", "piefed", "mbin", "nodebb", "discourse", "gotosocial", "mastodon"),
    *("mobilizon", "peertube", "wordpress"),
)
NOT_REPLAYED = {
    "guppe": "it holds no activity",
    "fedify": "inputs of a library's own tests, which no server sends",
    "fep": "examples in proposals, which no server sends",
    "as2-spec": "examples in the specification, which no server sends",
    "pasture-inputs": "parts of a post, from which a test builds its messages",
}
"""Folders whose documents are explained only, and why."""
VERBS = frozenset(verb.__name__ for verb in HANDLERS.verbs)
"""The verbs that are replayed; what they wrap has to be one of them, too."""

Json = dict[str, Any]
_IDS = ("id", "actor", "object", "attributedTo", "inReplyTo", "audience")
_ACTOR = re.compile(r"//[^/]+/(?:(?:u|users|user|accounts)/[^/]+|@[^/]+)$")
_PLACEHOLDER = re.compile(r"SCRUBBED_ID|__\w+__|.*`.*")


@dataclass(frozen=True)
class Document:
    """One activity of the corpus. `cannot` says why it cannot be replayed; then `json` is raw."""

    path: str
    json: Json
    cannot: str = ""

    @property
    def platform(self) -> str:
        return self.path.partition("/")[0]

    @property
    def verbs(self) -> str:
        """The types from the outside in: Announce/Create/Note."""
        return "/".join(_types(self.json))

    @property
    def development(self) -> bool:
        """Whether it speaks of http or of hosts without a dot, which a public server refuses."""
        return of_development(self.json)


def of_development(document: object) -> bool:
    """Whether something in it speaks of http, or of hosts without a dot."""
    uris = {id_of(thing.get(key)) for thing in walk(document) for key in _IDS} - {""}
    addresses = [uri for uri in uris if "://" in uri]
    return any(uri.startswith("http://") or "." not in host(uri) for uri in addresses)


def activities(corpus: Path, platform: str) -> list[Document]:
    """Every document of the platform whose type is one of the verbs."""
    found: list[Document] = []
    for path, document in everything(corpus, platform):
        kind = document.get("type")
        if isinstance(kind, str) and kind in VERBS:
            found.append(_prepared(path, document))
    return found


def everything(corpus: Path, platform: str) -> Iterator[tuple[str, Json]]:
    """Every JSON object of the platform's folder."""
    for file in sorted((corpus / platform).glob("**/*.json")):
        try:
            document = json.loads(file.read_bytes())
        except ValueError:
            continue
        if isinstance(document, dict):
            yield file.relative_to(corpus).as_posix(), document


def id_of(value: object) -> str:
    """The id in a value that is one, or that has one; else an empty string."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else ""


def many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def recipients(*things: object) -> list[str]:
    """Whom these name, audience first, without the public and collections of followers."""
    things_ = [thing for thing in things if isinstance(thing, dict)]
    found = [id_of(one) for thing in things_ for one in many(thing.get("audience"))]
    for thing in things_:
        found += [id_of(one) for field in ("to", "cc") for one in many(thing.get(field))]
        found += [tag.get("href") or "" for tag in many(thing.get("tag")) if _is_mention(tag)]
    return [one for one in dict.fromkeys(found) if one.startswith("http") and not _is_many(one)]


def is_public(*things: object) -> bool:
    names = {PUBLIC, "as:Public", "Public"}
    dicts = [thing for thing in things if isinstance(thing, dict)]
    to = [one for thing in dicts for field in ("to", "cc") for one in many(thing.get(field))]
    addressed = any("to" in thing or "cc" in thing for thing in dicts)
    only_audience = not addressed and any(thing.get("audience") for thing in dicts)
    return only_audience or any(id_of(one) in names for one in to)


def host(uri: str) -> str:
    return urlsplit(uri).netloc


def looks_like_an_actor(uri: str) -> bool:
    """Whether an address has the shape of a person's: `/u/name`, `/users/name`, `/@name`."""
    return _ACTOR.search(uri) is not None


def names_an_actor(activity: Json) -> bool:
    """Whether the object of an activity is a person or a community, as its verb tells."""
    to_stewards = id_of(activity.get("target")).endswith("/moderators")
    return activity.get("type") in ["Follow", "Block", "Move"] or to_stewards


def walk(value: object) -> Iterator[Json]:
    """Every object within a document, itself first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def _is_mention(tag: object) -> bool:
    return isinstance(tag, dict) and tag.get("type") == "Mention"


def _is_many(uri: str) -> bool:
    return uri == PUBLIC or uri.endswith(("/followers", "/publicAddress"))


def _types(document: object) -> Iterator[str]:
    while isinstance(document, dict) and isinstance(document.get("type"), str):
        yield document["type"]
        document = document.get("object")


def _prepared(path: str, document: Json) -> Document:
    inner = document
    while inner["type"] in {"Announce", "Undo"} and _is_activity(inner["object"]):
        inner = inner["object"]
        if inner.get("type") not in VERBS:
            return Document(path, document, f"what it wraps is a {inner.get('type')}")
    if _is_placeholder(document.get("actor")) or not id_of(document.get("actor")):
        return Document(path, document, "nothing tells who its actor is")
    return Document(path, _filled(document))


def _is_activity(value: object) -> bool:
    return isinstance(value, dict) and "actor" in value and "object" in value


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def _filled(document: Json) -> Json:
    """The same with made-up ids for placeholders, and for an outermost id that is missing.

    (Libraries give an activity its id at the moment of sending: GoToSocial's texts show it
    without.) Where the activity itself says whom a placeholder means, it means them.
    """
    actor = id_of(document["actor"])
    base = f"{urlsplit(actor).scheme}://{host(actor)}/made-up"
    filled = _fill(document, base, "activity")
    filled.setdefault("id", f"{base}/activity")
    return filled


def _fill(thing: Json, base: str, name: str) -> Json:
    filled: Json = {}
    for key, value in thing.items():
        if isinstance(value, dict):
            filled[key] = _fill(value, base, f"{name}-{key}")
        elif _is_placeholder(value) and key in {"id", "object", "inReplyTo", "url"}:
            filled[key] = _meant(thing, key, base, name)
        else:
            filled[key] = value
    return filled


def _meant(thing: Json, key: str, base: str, name: str) -> str:
    if thing.get("type") in ACTOR_TYPES and not _is_placeholder(thing.get("inbox")):
        return str(thing["inbox"]).removesuffix("/inbox")
    if key == "object" and thing.get("type") == "Follow":
        return next(iter(recipients(thing)), f"{base}/followed")
    if key == "object" and thing.get("type") == "Delete" and "removeData" in thing:
        return id_of(thing["actor"])  # only who goes altogether says so
    if key == "object" and names_an_actor(thing):
        return f"{base}/{name}-person"
    if key == "object":
        return f"{base}/{name}-object"
    return f"{base}/{name}-parent" if key == "inReplyTo" else f"{base}/{name}"
