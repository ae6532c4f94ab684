"""Whose word counts for what: from something said to something that may be applied, or not.

The rules are security.md §3 (T1 to T7): who signed may speak for itself, a community for what is
in it, and everybody else only where their own host, or their own key, confirms it.
"""

from datetime import datetime, timedelta

from fedcop.activitypub.vocab.activities import Activity, Create, Delete, Flag, Undo, Update
from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.people.models import Actor
from fedcop.errors import Blocked, FedcopError, Gone, Locked, NotFound, NotTheirs, Unproved
from fedcop.inbox.evidence import Evidence, Need, Want
from fedcop.inbox.inbound import Awaiting, Inbound, Proof
from fedcop.inbox.needs import DECISIONS, VOTES, is_anothers
from fedcop.inbox.unwrap import Said
from fedcop.net.urls import same_host
from fedcop.work.unit_of_work import UnitOfWork

_A_COMMUNITY_MAY_SAY = (*VOTES, *DECISIONS, Undo, Flag)
"""What is believed on a community's word alone: what it decided about what is in it, counts and
reports without names. A handler asks `decided_by` or `inbound.speaker`: for nothing else is it
enough."""


_NEW, _LONG_ENOUGH = timedelta(), timedelta(hours=1)


def weigh(
    uow: UnitOfWork,
    said: Said,
    evidence: Evidence,
    received_at: datetime,
    *,
    proved: bool,
    orphan: bool = False,
) -> Inbound[Activity]:
    """The activity with its proof; `orphan` says that what it answers cannot be had.

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
        orphan,
    )


def decided_by(uow: UnitOfWork, inbound: Inbound[Activity], community_id: int) -> Actor | None:
    """Whose decision about what is in a community this is, if it counts.

    In a community of ours a steward of it decides, proved to have said so; of a community
    elsewhere its own word counts, announced or said by itself. The answer is None where that word
    is all there is: who is said to have decided has not proved it. Raises NotTheirs for anybody
    else, Unproved for a steward of ours whom only another's Announce quotes.
    """
    community = uow.get(Community, community_id)
    if community.local:
        if not stewards(uow, community_id, inbound.speaker):
            raise NotTheirs("Only a steward of this community can decide that.")
        return inbound.speaker
    via, actor = inbound.via, inbound.actor
    proved = None if inbound.proof is Proof.RELAYED else actor
    if proved is not None and proved.id == community_id:
        return None
    if via is None or via.id != community_id:
        raise NotTheirs("Only the community itself says what is decided in it.")
    return proved if proved is not None and stewards(uow, community_id, proved) else None


def withdraw(uow: UnitOfWork, undone: Activity, community_id: int) -> None:
    """Remember that the community has taken back a decision, in case that arrives only later."""
    if undone.id:
        bury(uow, undone.id, uow.get(Actor, community_id).uri)


def is_withdrawn(uow: UnitOfWork, decision: Activity, community_id: int) -> bool:
    """Whether the community took back this decision before it came."""
    return is_buried(uow, decision.id or "", uow.get(Actor, community_id).uri)


def stewards(uow: UnitOfWork, community_id: int, actor: Actor) -> bool:
    """Whether this actor looks after the community now; what was looked up needs no query."""
    membership = uow.look_up(Membership, (community_id, actor.id))
    return (
        membership is not None
        and membership.role == Role.STEWARD
        and membership.standing == Standing.ACTIVE
    )


def raise_trouble(
    evidence: Evidence, needs: frozenset[Need], said: Said | None = None, age: timedelta = _NEW
) -> bool:
    """Raise what stood in the way of something that cannot be done without.

    A post that its host does not have, or no longer, whose host is blocked here, or that answers
    what our stewards have locked, ends it; any other trouble with one passes, and is waited out as
    Awaiting, since it may also come by itself.

    What somebody replies to can be done without. True if their host says that it is not there, or
    nothing of it was to be had since the reply came, an hour ago (`age`). But what stands under a
    reply that came after the lock is locked with it: it must not come in under a placeholder.
    """
    orphan = False
    for need in needs:
        trouble: FedcopError | None = evidence.troubles.get(need)
        if trouble is None or need.want is Want.GONE:
            continue
        gone = isinstance(trouble, Gone | NotFound)
        decided = isinstance(trouble, Blocked | Locked)
        if (
            said is not None
            and _answers(said, need)
            and (gone or (age >= _LONG_ENOUGH and not decided))
        ):
            orphan = True
            continue
        if need.want is Want.POST and not gone and not decided:
            raise Awaiting(need.uri) from trouble
        raise trouble
    return orphan


def _answers(said: Said, need: Need) -> bool:
    thing = said.activity.object
    if not isinstance(said.activity, Create) or not isinstance(thing, Object):
        return False
    return need.want is Want.POST and thing.in_reply_to == need.uri


def _proof(said: Said, evidence: Evidence, *, proved: bool) -> Proof:
    if said.fetched:
        return Proof.FETCHED
    if _of_a_group(said.activity) and _is_gone(said.activity, evidence):
        return Proof.FETCHED  # that counts for more than the word of one of its members
    if said.is_direct:
        return Proof.SIGNED
    if proved:
        return Proof.PROVED
    return Proof.FETCHED if _is_gone(said.activity, evidence) else Proof.RELAYED


def _of_a_group(activity: Activity) -> bool:
    thing = activity.object
    return isinstance(thing, Object) and is_anothers(activity, thing)


def _is_gone(activity: Activity, evidence: Evidence) -> bool:
    """Whether the host of what is said to be deleted has it no longer.

    For an account only 410 says so: its host answers 404 also while it is set up anew, and to whom
    it refuses, and with an account goes all that it has ever said (SWICG report on deletion).
    """
    uri = activity.object_id
    if not isinstance(activity, Delete) or uri is None:
        return False
    return uri in evidence.gone or (uri in evidence.missing and uri != activity.actor)


def _check_origin(said: Said, proof: Proof) -> None:
    """The ids of activity, object and author lie on one host, and the author is the speaker."""
    activity = said.activity
    if not same_host(activity.id or "", activity.actor):
        raise NotTheirs("“id” is not on the host of “actor”.")
    thing = activity.object
    if not isinstance(activity, Create | Update) or not isinstance(thing, Object):
        return
    if _is_profile(activity):
        return
    if thing.id is None or not same_host(thing.id, activity.actor):
        raise NotTheirs("“object.id” is not on the host of “actor”.")
    author = thing.author
    if said.fetched and is_anothers(activity, thing):
        return  # their host itself has just said whose it is
    if author is not None and author not in {activity.actor, thing.id}:
        raise NotTheirs(f"“object.attributedTo” is {author}, not {activity.actor}.")
    if author is None and isinstance(activity, Create):
        raise NotTheirs("“object.attributedTo” is missing: nobody says whose it is.")


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
