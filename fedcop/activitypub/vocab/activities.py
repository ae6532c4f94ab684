"""Activities: who did what to what, one class a verb."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.base import Object, embedded, reads

MAX_OBJECTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Object):
    """Something that `actor` says to have done.

    `object` is the one thing it is about, embedded or as an id; a list of several stands only in
    `objects` (a Flag of many posts, a batch of votes). `actor` is "" if an embedded activity does
    not say: then it equals nobody's id.
    """

    actor: str = ""
    object: Object | str | None = None
    objects: tuple[Object | str, ...] = ()
    target: str | None = None
    origin: str | None = None
    instrument: str | None = None
    remove_data: bool = False

    @property
    def object_id(self) -> str | None:
        """The id of the one object, if it has one."""
        return self.object.id if isinstance(self.object, Object) else self.object

    @classmethod
    def fields(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = Object.fields(document)
        things = values.many(document.get("object"))[:MAX_OBJECTS]
        objects = tuple(thing for one in things if (thing := embedded(one, "object")) is not None)
        fields |= {
            "actor": values.reference(document, "actor") or "",
            "object": objects[0] if len(objects) == 1 else None,
            "objects": objects,
            "target": values.reference(document, "target"),
            "origin": values.reference(document, "origin"),
            "instrument": values.hint(document, "instrument"),
            "remove_data": document.get("removeData") is True,
        }
        return fields


class Create(Activity):
    """A new post."""

    __slots__ = ()


class Update(Activity):
    """A post or a profile has changed."""

    __slots__ = ()


class Delete(Activity):
    """A post or an actor is gone; with a `summary` it is a steward's removal (Lemmy)."""

    __slots__ = ()


class Follow(Activity):
    """The actor wants to hear from the object."""

    __slots__ = ()


class Accept(Activity):
    """Yes to a Follow, a Join or a request."""

    __slots__ = ()


class Reject(Activity):
    """No to a Follow, a Join or a request, or no longer."""

    __slots__ = ()


class Undo(Activity):
    """The object, an activity of the same actor, no longer holds."""

    __slots__ = ()


class Like(Activity):
    """A vote for a post."""

    __slots__ = ()


class Dislike(Activity):
    """A vote against a post."""

    __slots__ = ()


class EmojiReact(Activity):
    """A reaction; `content` is the emoji (LitePub)."""

    __slots__ = ()


class Announce(Activity):
    """A boost of a post, or a community passing on an activity (FEP-1b12)."""

    __slots__ = ()


class Add(Activity):
    """The object joins the collection in `target`: stewards, pinned posts."""

    __slots__ = ()


class Remove(Activity):
    """The object leaves the collection in `target`."""

    __slots__ = ()


class Block(Activity):
    """A ban of the object from `target` until `end_time`; with `remove_data` its posts, too."""

    __slots__ = ()


class Flag(Activity):
    """A report of one or several posts or actors."""

    __slots__ = ()


class Lock(Activity):
    """No more replies to the object."""

    __slots__ = ()


class Move(Activity):
    """The object goes from `origin` to `target`: an account, or a thread."""

    __slots__ = ()


class Join(Activity):
    """The actor takes part in an event or a group."""

    __slots__ = ()


class Leave(Activity):
    """The actor no longer takes part."""

    __slots__ = ()


class Invite(Activity):
    """The actor asks `target` to take part in the object."""

    __slots__ = ()


class OtherActivity(Activity):
    """A verb without a class here; its `type` is as sent."""

    __slots__ = ()


VERBS: Mapping[str, type[Activity]] = {
    verb.__name__: verb
    for verb in (
        Create,
        Update,
        Delete,
        Follow,
        Accept,
        Reject,
        Undo,
        Like,
        Dislike,
        EmojiReact,
        Announce,
        Add,
        Remove,
        Block,
        Flag,
        Lock,
        Move,
        Join,
        Leave,
        Invite,
    )
}

_OTHERS = (
    *("Activity", "Arrive", "Ignore", "IntransitiveActivity", "Listen", "Offer", "Read"),
    *("TentativeAccept", "TentativeReject", "Travel", "View"),
)

for _verb, _class in VERBS.items():
    reads(_verb)(_class)
reads(*_OTHERS)(OtherActivity)
