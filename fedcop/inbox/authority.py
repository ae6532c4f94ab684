"""Whose word counts for what: from something said to something that may be applied, or not.

The rules are security.md §3 (T1 to T7): who signed may speak for itself, a community for what is
in it, and everybody else only where their own host, or their own key, confirms it.
"""

from datetime import datetime

from fedcop.activitypub.vocab.activities import Activity, Create, Delete, Undo, Update
from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.people.models import Actor
from fedcop.errors import FedcopError, Gone, NotFound, NotTheirs, Unproved
from fedcop.inbox.evidence import Evidence, Need, Want
from fedcop.inbox.inbound import Awaiting, Inbound, Proof
from fedcop.inbox.needs import VOTES
from fedcop.inbox.unwrap import Said
from fedcop.net.urls import same_host
from fedcop.work.unit_of_work import UnitOfWork

_A_COMMUNITY_MAY_SAY = (*VOTES, Delete, Undo)
"""What is believed on a community's word alone: what it took out, and counts without names."""


def weigh(
    uow: UnitOfWork, said: Said, evidence: Evidence, received_at: datetime, *, proved: bool
) -> Inbound[Activity]:
    """The activity with its proof.

    Raises Unproved if nobody who counts confirms it, NotTheirs if an id lies on another host than
    its author's.
    """
    proof = _proof(said, evidence, proved=proved)
    activity = said.activity
    relayed = isinstance(activity, _A_COMMUNITY_MAY_SAY) or _is_profile(activity)
    if proof is Proof.RELAYED and not (said.via and relayed):
        raise Unproved(f"Only {said.via or said.signer} says that {activity.actor} said this.")
    _check_origin(said, proof)
    return Inbound(
        activity,
        uow.find(Actor, activity.actor),
        proof,
        uow.find(Actor, said.via) if said.via else None,
        said.raw,
        received_at,
    )


def raise_trouble(evidence: Evidence, needs: frozenset[Need]) -> None:
    """Raise what stood in the way of something that cannot be done without.

    A post that its host does not have, or no longer, ends it; any other trouble with one passes,
    and is waited out as Awaiting, since the post may also come by itself.
    """
    for need in needs:
        trouble: FedcopError | None = evidence.troubles.get(need)
        if trouble is None or need.want is Want.GONE:
            continue
        if need.want is Want.POST and not isinstance(trouble, Gone | NotFound):
            raise Awaiting(need.uri) from trouble
        raise trouble


def _proof(said: Said, evidence: Evidence, *, proved: bool) -> Proof:
    if said.fetched:
        return Proof.FETCHED
    if said.is_direct:
        return Proof.SIGNED
    if proved:
        return Proof.PROVED
    gone = isinstance(said.activity, Delete) and said.activity.object_id in evidence.gone
    return Proof.FETCHED if gone else Proof.RELAYED


def _check_origin(said: Said, proof: Proof) -> None:
    """The ids of activity, object and author lie on one host, and the author is the speaker."""
    activity = said.activity
    if not same_host(activity.id or "", activity.actor):
        raise NotTheirs("The activity's id is not on the host of its actor.")
    thing = activity.object
    if not isinstance(activity, Create | Update) or not isinstance(thing, Object):
        return
    if _is_profile(activity):
        return
    if thing.id is None or not same_host(thing.id, activity.actor):
        raise NotTheirs("The object's id is not on the host of its actor.")
    author = thing.author
    if author is not None and author not in {activity.actor, thing.id}:
        raise NotTheirs(f"{author} wrote this, not {activity.actor}.")
    if author is None and isinstance(activity, Create):
        raise NotTheirs("The object does not say whose it is (attributedTo).")


def _is_profile(activity: Activity) -> bool:
    """Whether it says how an actor is now: that is read from the actor's own host, not here."""
    thing = activity.object
    return isinstance(activity, Update) and isinstance(thing, Object) and thing.type in ACTOR_TYPES


def check_copy(copy: Object, uri: str) -> str:
    """The author of a post that was read from its own host.

    Raises NotTheirs if the document is another than asked for, or its author lives elsewhere.
    """
    author = copy.author
    if copy.id != uri or author is None or not same_host(uri, author):
        raise NotTheirs(f"{uri} is not a post of an author of its own host.")
    return author
