"""What is read of an activity at the door: who says what, and about which id.

The rest is read when it is processed: whoever sends a thousand activities a second is answered
without anybody looking at their texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fedcop.activitypub import json, jsonld
from fedcop.activitypub.parse import parse_activity
from fedcop.activitypub.vocab.activities import VERBS, Activity
from fedcop.errors import Malformed
from fedcop.net.urls import canonical_url, host_of, is_plain_path

_ODD = frozenset({"@graph", "@included", "@reverse", "@id", "@type"})


@dataclass(slots=True)
class Envelope:
    """An activity as far as the door is concerned; `host` is that of actor and id.

    `vouched` says that it carries a signature or proof of its own, as whatever a server passes on
    does: no other server forwards what has none.
    """

    type: str
    id: str
    actor: str
    host: str
    object_id: str | None
    vouched: bool = False


def open_envelope(body: bytes, *, development: bool) -> Envelope:
    """The envelope in the body of a request.

    An activity of the usual form is only looked at: a verb that we know, ids where ids belong, and
    terms that mean what they say. Whatever looks otherwise is read whole. Raises Malformed for what
    `json.loads` refuses, for no type, id, actor or object, for what `parse_activity` refuses where
    it is asked, for an id or actor that is no canonical URL, and for an id on another host than the
    actor's.
    """
    document = json.loads(body)
    found = _usual(document) or _around(parse_activity(document))
    found.vouched = "signature" in document or "proof" in document
    _check(found, development=development)
    return found


def read_activity(body: bytes, *, development: bool) -> Activity:
    """The whole activity in the body of a request, checked as far as it can be by itself.

    Raises Malformed for what `open_envelope` refuses, and for whatever else cannot be read.
    """
    activity = parse_activity(json.loads(body))
    _check(_around(activity), development=development)
    return activity


def _usual(document: Mapping[str, Any]) -> Envelope | None:
    """The envelope of the form that nearly everybody sends; None for any other."""
    kind, uri, actor = document.get("type"), document.get("id"), document.get("actor")
    thing: Any = document.get("object")
    if type(kind) is not str or type(uri) is not str or type(actor) is not str:
        return None
    if kind not in VERBS or not _ODD.isdisjoint(document):
        return None
    about: Any = thing
    if thing.__class__ is dict:
        if not _ODD.isdisjoint(thing):
            return None
        about = thing.get("id")
    if about.__class__ is not str or about[:4] != "http":
        return None  # whether it is an id in every letter is seen when it is processed
    if jsonld.needs_compaction(document):
        return None
    return Envelope(kind, uri, actor, "", about)


def _around(activity: Activity) -> Envelope:
    if not activity.type:
        raise Malformed("“type” is missing: an activity needs one.")
    return Envelope(activity.type, activity.id or "", activity.actor, "", activity.object_id)


def _check(found: Envelope, *, development: bool) -> None:
    found.host = _host_of_actor(found.actor, development=development)
    uri = found.id
    on_it = f"https://{found.host}"
    if uri.startswith(on_it) and is_plain_path(uri, len(on_it)):
        return
    _check_url("id", uri, development=development)
    if host_of(uri) != found.host:
        raise Malformed("“id” has to be on the host of “actor”.")


@lru_cache(4_096)  # the same actors come again and again
def _host_of_actor(actor: str, *, development: bool) -> str:
    _check_url("actor", actor, development=development)
    return host_of(actor)


def _check_url(field: str, uri: str, *, development: bool) -> None:
    try:
        plain = canonical_url(uri, development=development, fragment=True)
    except Malformed as error:
        raise Malformed(f"“{field}” cannot be read: {error}") from error
    if plain != uri:
        raise Malformed(f"“{field}” has to be written as the canonical URL {plain}")
