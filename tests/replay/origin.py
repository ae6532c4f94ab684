"""All servers that the corpus speaks of, behind the client's transport."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpx

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.uris import PUBLIC
from tests.replay.documents import Json, host, id_of, many, names_an_actor, recipients, walk


class Moved:
    """Addresses of the corpus that lie on our server instead, with all that lies below them."""

    def __init__(self) -> None:
        self._pairs: list[tuple[re.Pattern[str], str]] = []

    def move(self, uri: str, ours: str) -> None:
        """From now on `uri`, over http or https, reads `ours`."""
        rest = re.escape(uri.partition("://")[2])
        self._pairs.append((re.compile(rf"https?://{rest}(?=[/#?]|\Z)"), ours))

    def __call__(self, value: Any) -> Any:
        """A document with the addresses that hold now."""
        if isinstance(value, dict):
            return {key: self(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self(inner) for inner in value]
        if isinstance(value, str) and value.startswith("http"):
            for pattern, ours in self._pairs:
                value = pattern.sub(ours, value, count=1)
        return value


class Origin(httpx.AsyncBaseTransport):
    """Answers every signed GET for a document of the corpus, or for one that it speaks of.

    Actors are those of the corpus with the key of the test, else made up; posts those of the
    message being replayed, else of the corpus, else made up. Whatever is in `gone` is gone.
    """

    def __init__(self, documents: Iterable[Json], pem: str) -> None:
        self._pem = pem
        self._corpus: dict[str, Json] = {}
        self._named: set[str] = set()
        self._groups: set[str] = set()
        self._things: set[str] = set()
        for document in documents:
            self._learn(document)
        self.clear()

    def clear(self) -> None:
        """Forget everything that was said for one message."""
        self.moved = Moved()
        self.gone: set[str] = set()
        self.groups = set(self._groups)
        self.authors: dict[str, str] = {}
        self.community: str | None = None
        self.former: dict[str, Json] = {}
        self.collections: dict[str, Json] = {}
        """By community, the addresses of lists that its document is to name."""
        self._message: dict[str, Json] = {}
        self.answers: dict[str, Json] = {}
        """By address, what is answered there whatever else is known."""

    def serve(self, message: Json) -> None:
        """Serve what is embedded in this message as it stands there."""
        for thing in walk(message):
            if _is_whole(thing):
                self._message[thing["id"]] = thing

    def is_group(self, uri: str) -> bool:
        return uri in self.groups

    def document(self, uri: str) -> Json | None:
        """What the host of `uri` serves there now."""
        own = self.former.get(uri) or self._message.get(uri) or self._corpus.get(uri)
        made_up = uri == made_up_author(uri)
        if (
            made_up
            or uri in self._named
            or uri in self.groups
            or (own and own["type"] in ACTOR_TYPES)
        ):
            return self._actor(uri, own if own and own["type"] in ACTOR_TYPES else {})
        if own is not None and (uri in self._message or self._names_community(own)):
            return self.moved(own)
        return self._post(uri) if uri in self._things or uri in self.authors else None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        uri = str(request.url)
        assert request.method == "GET", "nothing is delivered here"
        if uri in self.answers:
            return as_json(self.answers[uri])
        if uri in self.gone:
            return httpx.Response(410)
        document = self.document(uri)
        if document is None:
            return httpx.Response(404)
        return as_json(document)

    def _learn(self, document: Json) -> None:
        for thing in walk(document):
            if _is_whole(thing):
                self._corpus.setdefault(thing["id"], thing)
                if thing["type"] == "Group":
                    self._groups.add(thing["id"])
            self._named.update(id_of(one) for one in many(thing.get("actor")))
            self._named.update(id_of(one) for one in many(thing.get("attributedTo")))
            self._groups.update(id_of(one) for one in many(thing.get("audience")))
            self._things.add(id_of(thing.get("inReplyTo")))
            inner = thing.get("object")
            if thing.get("type") == "Announce" and isinstance(inner, dict) and "actor" in inner:
                self._groups.add(id_of(thing.get("actor")))
            elif isinstance(inner, str):
                (self._named if names_an_actor(thing) else self._things).add(inner)
        for found in (self._named, self._groups, self._things):
            found.discard("")

    def _names_community(self, own: Json) -> bool:
        parent = own.get("inReplyTo")
        return bool(parent) or self.community in recipients(self.moved(own))

    def _actor(self, uri: str, own: Json) -> Json:
        kind = "Group" if uri in self.groups else own.get("type", "Person")
        name = urlsplit(uri).path.rstrip("/").rpartition("/")[2].lstrip("@") or "actor"
        actor = {"@context": "https://www.w3.org/ns/activitystreams", "preferredUsername": name}
        actor |= self.moved(own) | {"id": uri, "type": kind} | self.collections.get(uri, {})
        if host(id_of(actor.get("inbox"))) != host(uri):
            actor["inbox"] = f"{uri}/inbox"
        key = {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": self._pem}
        return actor | {"publicKey": key}

    def _post(self, uri: str) -> Json:
        author = self.authors.get(uri) or made_up_author(uri)
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": uri,
            "type": "Note",
            "attributedTo": author,
            "content": "<p>Made up.</p>",
            "to": [PUBLIC],
            "audience": self.community,
        }


def as_json(document: Json) -> httpx.Response:
    """The answer of a host that has this document."""
    kind = {"content-type": "application/activity+json"}
    return httpx.Response(200, headers=kind, content=json.dumps(document))


def made_up_author(uri: str) -> str:
    """Somebody on the host of `uri` who wrote what nobody else is said to have written."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}/made-up/author"


def _is_whole(thing: Json) -> bool:
    """Whether somebody's host could serve this: an actor, or a post of somebody."""
    kind = thing.get("type")
    if not id_of(thing) or not isinstance(kind, str):
        return False
    return kind in ACTOR_TYPES or (kind in POST_TYPES and bool(thing.get("attributedTo")))
