"""Actors of other servers: written down from the document that their own host served."""

import re
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.activitypub.vocab import actors as vocab
from fedcop.domain.network.hosts import host_named, host_of, inbox_at
from fedcop.domain.people.facts import ActorDescribed, InboxMoved
from fedcop.domain.people.models import Actor, Key
from fedcop.errors import Malformed, NotTheirs
from fedcop.ids import new_id
from fedcop.text.plain import words
from fedcop.text.sanitize import clean
from fedcop.work.unit_of_work import UnitOfWork

_LONGEST_NAME = 200
_LONGEST_SUMMARY = 20_000
_NOT_IN_HANDLES = re.compile(r"[@/\s]")


def remember_person(uow: UnitOfWork, wire: vocab.Actor) -> Actor:
    """Insert or refresh a remote actor from its document (any type; Groups too).

    Whether the document is to be believed was settled by the caller: it came from the actor's own
    id. Raises Malformed if id or inbox is missing, NotTheirs if an address lies on another host.
    """
    wire_id = check_actor(wire)
    if uow.uris.is_local(wire_id):
        raise NotTheirs(f"{wire_id} is an actor of this server")
    host_name = host_of(wire_id)
    host = host_named(uow, host_name)
    actor = uow.find(Actor, wire_id)
    if actor is None:
        name = _name(wire.preferred_username or "", wire_id)
        actor = Actor(id=new_id(), uri=wire_id, type=wire.type, name=name, host_id=host.id)
        uow.add(actor)
    _describe(uow, actor, wire, host_name)
    _remember_keys(uow, actor, wire)
    return actor


def check_actor(wire: vocab.Actor) -> str:
    """The id of an actor that can be told something.

    Raises Malformed if id or inbox is missing, NotTheirs if the inbox lies on another host.
    """
    if wire.id is None:
        raise Malformed("“id” is missing: an actor needs one.")
    if not wire.inbox:
        raise Malformed("“inbox” is missing: an actor needs one.")
    if host_of(wire.inbox) != host_of(wire.id):
        raise NotTheirs("“inbox” has to be on the host of the actor's “id”.")
    return wire.id


def _name(wanted: str, uri: str) -> str:
    """The name in the actor's handle: what they want, or the end of the id if it can be none."""
    usable = wanted.isprintable() and not _NOT_IN_HANDLES.search(wanted)
    name = wanted if wanted and usable else urlsplit(uri).path.rstrip("/").rpartition("/")[2]
    return name[:_LONGEST_NAME].lower() or host_of(uri)


def _describe(uow: UnitOfWork, actor: Actor, wire: vocab.Actor, host_name: str) -> None:
    def theirs(uri: str | None) -> str | None:
        return uri if uri and host_of(uri) == host_name else None

    actor.display_name = words(wire.name or "")[:_LONGEST_NAME]
    actor.summary_html = clean((wire.summary or "")[:_LONGEST_SUMMARY])
    actor.summary_source = wire.source_markdown
    actor.url = theirs(wire.url) or wire.id
    actor.inbox_uri = wire.inbox or ""
    actor.shared_inbox_uri = theirs(wire.shared_inbox)
    actor.outbox_uri = theirs(wire.outbox)
    actor.followers_uri = theirs(wire.followers)
    actor.featured_uri = theirs(wire.featured)
    actor.moderators_uri = theirs(wire.moderators)
    actor.also_known_as = list(wire.also_known_as)
    actor.moved_to_uri = wire.moved_to if wire.moved_to != wire.id else None
    _read_at(uow, actor, inbox_at(uow, actor.shared_inbox_uri or actor.inbox_uri).id)
    actor.fetched_at = uow.now
    actor.deleted_at = None


def _read_at(uow: UnitOfWork, actor: Actor, inbox_id: int) -> None:
    before, actor.delivery_inbox_id = actor.delivery_inbox_id, inbox_id
    if before is not None and before != inbox_id:
        uow.emit(InboxMoved(actor.id, before))


def _remember_keys(uow: UnitOfWork, actor: Actor, wire: vocab.Actor) -> None:
    """Keep exactly the keys that the document lists as its own and that we can read.

    A key id that another actor listed before stays theirs, unless it lies under this actor's id:
    so nobody shuts out a neighbour by listing the neighbour's key first.
    """
    listed = _listed(wire)
    theirs = or_(Key.actor_id == actor.id, Key.uri.in_(listed))
    standing = {key.uri: key for key in uow.session.scalars(select(Key).where(theirs))}
    for uri, key in standing.items():
        if key.actor_id == actor.id and uri not in listed:
            uow.session.delete(key)
    for uri, (algorithm, public) in listed.items():
        known = standing.get(uri)
        if known is not None and known.actor_id != actor.id:
            if not uri.startswith((f"{actor.uri}#", f"{actor.uri}/")):
                continue
            known.actor_id = actor.id
        if known is None:
            uow.add(
                Key(
                    uri=uri,
                    actor_id=actor.id,
                    algorithm=algorithm,
                    public=public,
                    fetched_at=uow.now,
                )
            )
        else:
            known.algorithm, known.public, known.fetched_at = algorithm, public, uow.now


def _listed(wire: vocab.Actor) -> dict[str, tuple[str, str]]:
    """The keys of a document by id: algorithm and value of those that are its owner's."""
    found = {key.id: ("rsa", key.pem) for key in wire.public_keys if key.owner == wire.id}
    found |= {
        key.id: ("ed25519", key.multibase) for key in wire.assertion_methods if key.owner == wire.id
    }
    home = host_of(wire.id or "")
    return {uri: it for uri, it in found.items() if it[1] and host_of(uri) == home}


def public_key(key: Key, owner: str) -> PublicKey:
    """A stored key as an object that can verify. Raises Malformed if it never was one."""
    if key.public.lstrip().startswith("-----"):
        return PublicKey.from_pem(key.uri, owner, key.public)
    return PublicKey.from_multibase(key.uri, owner, key.public)


def key_owner(session: Session, key_id: str) -> tuple[Actor, Key] | None:
    """The actor whose document listed this key id, and the key, if we have met it."""
    query = select(Actor, Key).join(Key, Key.actor_id == Actor.id).where(Key.uri == key_id)
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def forget(uow: UnitOfWork, actor: Actor) -> None:
    """A remote actor is gone: its description goes, its row stays so that old links hold."""
    actor.deleted_at = uow.now
    actor.display_name = ""
    actor.summary_html = ""
    actor.summary_source = None
    uow.emit(ActorDescribed(actor.id))
