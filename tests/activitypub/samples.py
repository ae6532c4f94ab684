"""Small documents of the vocabulary, as another server would send them."""

from typing import Any

from fedcop.activitypub.vocab.activities import Activity
from fedcop.activitypub.vocab.actors import Actor
from fedcop.activitypub.vocab.base import Object, read

A = "https://a.example"
U = f"{A}/u/ana"


def note(**fields: Any) -> Object:
    return read({"id": f"{A}/post/1", "type": "Note", **fields})


def actor(kind: str = "Person", **fields: Any) -> Actor:
    found = read({"id": U, "type": kind, **fields})
    assert isinstance(found, Actor)
    return found


def like(**fields: Any) -> Activity:
    found = read({"id": f"{A}/1", "type": "Like", "actor": U, "object": f"{A}/2", **fields})
    assert isinstance(found, Activity)
    return found
