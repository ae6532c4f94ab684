"""What was accepted at our inboxes, word for word, and for whom it was."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

_MOST = 20_000
_ADDRESSES = ("to", "cc", "bto", "bcc", "audience", "target", "object")


@dataclass(frozen=True, slots=True)
class Letter:
    """One activity: the path of the inbox it came to first, and what it says."""

    path: str
    document: Mapping[str, Any]

    def names(self, uri: str) -> bool:
        """Whether it is addressed to this id, or is about it."""
        told = self.document.get("object")
        inner = cast("Mapping[str, Any]", told) if isinstance(told, dict) else {}
        return uri in {*_ids(self.document), *_ids(inner)}


class Received:
    """The letters since the last reset, the earliest first; a repeated one is kept once."""

    def __init__(self) -> None:
        self._letters: OrderedDict[str, Letter] = OrderedDict()

    def clear(self) -> None:
        self._letters.clear()

    def keep(self, path: str, body: bytes) -> None:
        """Note what was answered with 202."""
        document = orjson.loads(body)
        self._letters.setdefault(str(document.get("id")), Letter(path, document))
        while len(self._letters) > _MOST:
            self._letters.popitem(last=False)

    def of(self, inbox: str, uri: str, heard: Collection[str]) -> list[Mapping[str, Any]]:
        """What came to this inbox, is addressed to this actor, or was said by one of `heard`."""
        return [
            letter.document
            for letter in reversed(self._letters.values())
            if letter.path == inbox or letter.names(uri) or letter.document.get("actor") in heard
        ]


def _ids(document: Mapping[str, Any]) -> Iterable[str]:
    for field in _ADDRESSES:
        value: object = document.get(field)
        for one in cast("list[object]", value) if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield str(cast("Mapping[str, Any]", one).get("id"))
            elif isinstance(one, str):
                yield one
