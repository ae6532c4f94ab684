"""The nouns: how one kind of thing that can be said is read from the wire and told on it."""

from collections.abc import Iterable
from typing import Any, Protocol

from fedcop.activitypub.vocab.base import Object
from fedcop.domain.posts.view import PostView
from fedcop.domain.posts.words import Words
from fedcop.errors import Unsupported


class ObjectType(Protocol):
    """One noun. The columns that every post has are kept by `domain.posts`."""

    kinds: frozenset[str]
    """The kinds of post that are told by this noun."""
    reads: frozenset[str]
    """The ActivityStreams types that are understood as this."""

    def words(self, wire: Object, mentioned: tuple[int, ...]) -> Words:
        """What a document of these types says. Raises Malformed if it says nothing usable."""
        ...

    def native(self, view: PostView) -> dict[str, Any]:
        """The object for forum software, without `@context`."""
        ...

    def note(self, view: PostView) -> dict[str, Any]:
        """The object under the same id for micro-blog software."""
        ...


class ObjectTypes:
    """The table of nouns, by ActivityStreams type and by our kind."""

    def __init__(self, types: Iterable[ObjectType]) -> None:
        listed = list(types)
        self._by_type = {name: noun for noun in listed for name in noun.reads}
        self._by_kind = {kind: noun for noun in listed for kind in noun.kinds}

    def __getitem__(self, name: str) -> ObjectType:
        """The noun that reads this ActivityStreams type. Raises Unsupported."""
        try:
            return self._by_type[name]
        except KeyError:
            raise Unsupported(f"nothing here is made of a {name}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._by_type

    @property
    def reads(self) -> frozenset[str]:
        """Every ActivityStreams type that something here is made of."""
        return frozenset(self._by_type)

    def of_kind(self, kind: str) -> ObjectType:
        """The noun that tells posts of this kind."""
        return self._by_kind[kind]
