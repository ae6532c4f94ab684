"""What a message really says: the activities inside the Announce of a community, or itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson

from fedcop.activitypub.vocab.activities import Activity, Announce
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.collections import Collection
from fedcop.inbox.relayed import relayable
from fedcop.net.urls import same_host


@dataclass(frozen=True, slots=True)
class Said:
    """One activity, and on whose word we have it.

    `raw` is what may be kept and passed on of it. `signer` is the actor whose key signed the
    request; `via` the signer who announced it; `fetched` says that its object is the copy that the
    actor's own host served.
    """

    activity: Activity
    raw: bytes
    signer: str
    via: str | None = None
    fetched: bool = False

    @property
    def is_direct(self) -> bool:
        """Whether the signature on the request stands for the actor.

        It does for the actor itself; and a community's for everyone on its own host.
        """
        if self.activity.actor == self.signer:
            return True
        return self.via == self.signer and same_host(self.signer, self.activity.actor)

    def with_copy(self, copy: Object) -> "Said":
        """The same about the object as its own host serves it."""
        changed = replace(self.activity, object=copy, objects=(copy,))
        return replace(self, activity=changed, fetched=True)


def unwrap(activity: Activity, body: bytes, signer: str) -> list[Said]:
    """The activities that a message carries.

    An Announce brings those embedded in it: one, a list, or a collection (FEP-1b12, FEP-1a11).
    Left out are announced announcements and activities whose id is not on their actor's host. An
    Announce of a post, by id or embedded, stays as it is. One that a stranger passes on is nobody's
    word: what it brings is taken as passed on by the stranger, not as announced.
    """
    if isinstance(activity, Announce):
        announcer = activity.actor if activity.actor == signer else None
        inner = [one for thing in activity.objects for one in _activities(thing)]
        if inner:
            return [
                Said(one, relayable(orjson.dumps(one.raw)), signer, via=announcer)
                for one in inner
                if _is_whole(one)
            ]
    return [Said(activity, relayable(body), signer)]


def _activities(thing: Object | str) -> Iterator[Activity]:
    if isinstance(thing, Activity):
        yield thing
    elif isinstance(thing, Collection):
        yield from (item for item in thing.items if isinstance(item, Activity))


def _is_whole(activity: Activity) -> bool:
    return (
        activity.id is not None
        and bool(activity.objects)
        and same_host(activity.id, activity.actor)
        and not isinstance(activity, Announce)
    )
