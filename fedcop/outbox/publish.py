"""Say a thing: one row in the journal, one row an audience, however many have to hear it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, cast

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Table,
    bindparam,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from fedcop.activitypub.signatures.proofs import sign
from fedcop.activitypub.vocab.write import PROOF_CONTEXT
from fedcop.domain.network.journal import write_down
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.keys import KeyRing
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import KnownAt, Post
from fedcop.ids import new_id
from fedcop.outbox.activities import around
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.models import Delivery, Lane, Told
from fedcop.uris import Kind
from fedcop.work.unit_of_work import UnitOfWork

_TELL = insert(cast("Table", Told.__table__))
_DELIVERIES = cast("Table", Delivery.__table__)
_JOURNAL = cast("Table", Activity.__table__)
_KNOWN_AT = cast("Table", KnownAt.__table__)


class Voice:
    """What our people say is proved with their own keys (FEP-8b32), which `keys` holds."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def say(
        self,
        uow: UnitOfWork,
        actor: Actor,
        document: Mapping[str, Any],
        *,
        note: Mapping[str, Any] | None = None,
        for_microblogs: bool = False,
    ) -> Activity:
        """As `publish.say`, with a proof by the local `actor` in the native view."""
        key = self._keys.load(uow.session, actor.id, "ed25519")
        proved = sign({**document, "@context": list(PROOF_CONTEXT)}, key, uow.now)
        return say(uow, proved, note=note, for_microblogs=for_microblogs)


def mint(uow: UnitOfWork) -> str:
    """A fresh id for an activity of ours; it grows, and so keeps the order of what is said."""
    return uow.uris.activity(new_id())


def say(
    uow: UnitOfWork,
    document: Mapping[str, Any],
    *,
    inner: bytes | None = None,
    note: Mapping[str, Any] | None = None,
    for_microblogs: bool = False,
) -> Activity:
    """Write an activity of ours into the journal; its id is one that `mint` made.

    `inner` stands, byte for byte, where `document` has only an id as its object; `note` is what
    hosts of the Note view are sent instead.
    """
    uri = cast("str", document["id"])
    minted = uow.uris.recognise(uri)
    thing = document["object"]
    spoken_of = cast("list[Any]", thing)[0] if isinstance(thing, list) else thing
    return write_down(
        uow,
        uri=uri,
        type=document["type"],
        actor_uri=document["actor"],
        object_uri=spoken_of if isinstance(spoken_of, str) else spoken_of["id"],
        body=orjson.dumps(document) if inner is None else around(document, inner),
        local=True,
        note_body=None if note is None else orjson.dumps(note),
        for_microblogs=for_microblogs,
        row_id=minted.id if minted is not None and minted.kind is Kind.ACTIVITY else None,
    )


def tell(
    uow: UnitOfWork,
    activity: Activity,
    *,
    community_id: int | None = None,
    post_id: int | None = None,
    dialect: Dialect | None = None,
    lane: Lane = Lane.CONTENT,
) -> None:
    """Let the audience of a community of ours hear it, and/or every host that knows a post.

    Only hosts of `dialect` if one is given. An address that is in both hears it once.
    """
    row = {
        "id": new_id(),
        "activity_id": activity.id,
        "community_id": community_id,
        "post_id": post_id,
        "dialect": dialect,
        "lane": lane,
        "spread": False,
    }
    uow.once(_TELL, row)


def bring(
    uow: UnitOfWork, activity: Activity, actors: Iterable[Actor], lane: Lane = Lane.CONTENT
) -> None:
    """Deliver it to these remote actors; two who share an inbox get it once. Once an activity.

    Nothing is delivered to a host that is blocked here.
    """
    inboxes = {a.delivery_inbox_id: a.host_id for a in actors if a.deleted_at is None}
    for inbox_id, host_id in inboxes.items():
        if inbox_id is not None and host_id is not None:
            row = {"to": host_id, "in_lane": lane, "what": activity.id, "at": inbox_id}
            uow.once(_BRING, row)


def forget_words(uow: UnitOfWork, thing: Post | Actor) -> None:
    """Empty what the journal still holds of the words of a deleted post, or of a profile.

    What is empty is no longer delivered, and its id answers 410.
    """
    uow.once(_FORGET_WORDS, {"about": thing.uri})


def known_at(uow: UnitOfWork, post: Post, actors: Collection[Actor]) -> None:
    """Remember that the servers of these remote actors know a post: they hear what becomes of it.

    Forum software is left out, because it hears everything from the community.
    """
    on_postgres = uow.session.get_bind().dialect.name == "postgresql"
    statement = _KNOWN_ON_POSTGRES if on_postgres else _KNOWN_ON_SQLITE
    for actor in actors:
        if actor.delivery_inbox_id is not None and actor.host_id is not None:
            row = {"post": post.id, "inbox": actor.delivery_inbox_id, "host": actor.host_id}
            uow.once(statement, row)


def _known_at(on: Any) -> Executable:
    what = select(
        bindparam("post", type_=BigInteger),
        bindparam("inbox", type_=BigInteger),
        Host.id,
    ).where(
        Host.id == bindparam("host", type_=BigInteger),
        or_(Host.dialect.is_(None), Host.dialect != Dialect.FORUM),
    )
    into = on(_KNOWN_AT).from_select(["post_id", "inbox_id", "host_id"], what)
    return into.on_conflict_do_nothing()


def _bring() -> Executable:
    numbers = [bindparam(name, type_=BigInteger) for name in ("in_lane", "what", "at")]
    row = select(Host.id, *numbers).where(
        Host.id == bindparam("to", type_=BigInteger), ~Host.blocked
    )
    into = ["host_id", "lane", "activity_id", "inbox_id"]
    return insert(_DELIVERIES).from_select(into, row)


_BRING = _bring()
_WITH_WORDS = ("Create", "Update")


def _forget_words() -> Executable:
    def about(said: FromClause) -> ColumnElement[bool]:
        # Not IN: a list cannot stand in a statement that is run for several rows at once.
        has_words = or_(*(said.c.type == verb for verb in _WITH_WORDS))
        return (said.c.object_uri == bindparam("about")) & has_words

    return emptied(about)


def emptied(which: Callable[[FromClause], ColumnElement[bool]]) -> Executable:
    """The statement that empties these entries of the journal, and each `Announce` of one."""
    said, around_it = _JOURNAL.alias("said"), _JOURNAL.alias("around_it")
    passed_on = around_it.c.object_uri == said.c.uri
    both = union_all(
        select(said.c.id).where(which(said)),
        select(around_it.c.id)
        .join_from(said, around_it, passed_on)
        .where(which(said), around_it.c.type == "Announce"),
    )
    some = update(_JOURNAL).where(_JOURNAL.c.id.in_(both))
    return some.values(body=b"", note_body=None)


_FORGET_WORDS = _forget_words()
_KNOWN_ON_SQLITE = _known_at(sqlite.insert)
_KNOWN_ON_POSTGRES = _known_at(postgresql.insert)
