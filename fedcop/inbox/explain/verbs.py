"""What becomes of an activity, by its verb: one rule for each line of the inbox's own table."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from fedcop.activitypub.vocab.activities import (
    Accept,
    Activity,
    Add,
    Announce,
    Block,
    Create,
    Delete,
    Dislike,
    EmojiReact,
    Flag,
    Follow,
    Like,
    Lock,
    Move,
    Reject,
    Remove,
    Undo,
    Update,
)
from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.objects import Tombstone
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.errors import NotTheirs
from fedcop.inbox.activities.create import is_public
from fedcop.inbox.activities.undo import DECISIONS, WAYS_BACK
from fedcop.inbox.authority import weigh
from fedcop.inbox.evidence import Evidence
from fedcop.inbox.explain import decisions
from fedcop.inbox.explain.case import Case
from fedcop.inbox.explain.outcomes import Outcome, Verdict, a, one
from fedcop.inbox.explain.posts import candidates, of_post
from fedcop.inbox.explain.world import imagined
from fedcop.inbox.needs import is_anothers
from fedcop.inbox.unwrap import Said
from fedcop.inbox.verbs import HANDLERS


def of_activity(said: Said, objects: ObjectTypes) -> Verdict:
    """What the inbox would do with it if it is proved and all whom it names are known.

    Raises FedcopError for what is refused.
    """
    activity = said.activity
    via = [said.via] if said.via else []
    uow = imagined([activity.actor], via)
    thing = activity.object
    whose = ""
    if isinstance(thing, Object) and is_anothers(activity, thing):
        said = said.with_copy(thing)
        whose = f" It is by {thing.author}: it counts if that is a group, and their host says so."
    weigh(uow, said, Evidence(), uow.now, proved=True)
    rule = RULES.get(type(activity))
    if rule is None or type(activity) not in HANDLERS.verbs:
        return Outcome.IGNORED, f"“{activity.type}” is a verb with which nothing is done here."
    outcome, reason = rule(Case(activity, said.via, objects))
    return outcome, reason + whose


def _follow(case: Case) -> Verdict:
    return Outcome.MEMBERSHIP, (
        f"A Follow of {case.uri()}: a membership if that is a community of this server, a follower "
        "if it is a person here."
    )


def _answer(case: Case) -> Verdict:
    thing, verb = case.thing, case.type
    if isinstance(thing, Follow):
        if thing.object_id != case.activity.actor:
            return Outcome.DELIVERY_ONLY, (
                f"{one(verb)} of a Follow whose “object” is {thing.object_id}, not who answers it."
            )
        return Outcome.MEMBERSHIP, (
            f"The answer to a Follow by {thing.actor or 'somebody'}, if that was sent from here."
        )
    if isinstance(thing, Object) or case.activity.target or "result" in case.activity.raw:
        what = a(thing.type) if isinstance(thing, Object) else "a request"
        return Outcome.DELIVERY_ONLY, f"{one(verb)} of {what}, for which nobody here asks."
    return Outcome.MEMBERSHIP, (
        f"{one(verb)} that names {thing} by its id alone: it counts if that is a Follow from here."
    )


def _create(case: Case) -> Verdict:
    thing, activity = case.thing, case.activity
    if isinstance(thing, Object):
        return of_post(thing, case.objects, activity, case.via)
    if not case.via and not candidates(activity):
        return Outcome.DELIVERY_ONLY, "A Create of an id alone, in no community."
    return (
        Outcome.POST,
        f"A post that is named by its id alone: {case.uri()} is fetched from there.",
    )


def _update(case: Case) -> Verdict:
    thing, uri = case.thing, case.uri()
    if isinstance(thing, Object) and thing.type in ACTOR_TYPES:
        return Outcome.ACTOR, f"A new profile of {uri}: it is read again from its own host."
    if isinstance(thing, str):
        return Outcome.POST, f"A change of {uri}, named by its id alone: it is fetched from there."
    if not isinstance(thing, Object) or thing.type not in case.objects:
        return Outcome.DELIVERY_ONLY, f"An Update of what is never kept here: {_kind(thing)}."
    if not is_public(case.activity, thing):
        return Outcome.DELIVERY_ONLY, "An Update of what is not public: nobody here has seen it."
    case.objects[thing.type].words(thing, ())
    return _post_or_reply(
        thing
    ), f"New words of {uri}, if it is kept here and its author sent them."


def _delete(case: Case) -> Verdict:
    thing, uri = case.thing, case.uri()
    if uri == case.activity.actor:
        return Outcome.ACTOR, "An account that is gone: its profile and its posts are deleted here."
    kind = thing.type if isinstance(thing, Object) and not isinstance(thing, Tombstone) else ""
    if kind and kind not in case.objects:
        return Outcome.DELIVERY_ONLY, f"A Delete of what is never kept here: {a(kind)}."
    if "summary" in case.activity.raw:
        return Outcome.MODERATION, (
            f"A steward takes out {uri}: with a “summary” it is a removal, for its own community "
            "or by its word."
        )
    return _post_or_reply(thing), f"Whatever of its author stands here as {uri} is deleted."


def _vote(case: Case) -> Verdict:
    way = "against" if isinstance(case.activity, Dislike) else "for"
    return Outcome.VOTE, f"A vote {way} {case.uri()}, if that is a post here."


def _announce(case: Case) -> Verdict:
    thing, activity = case.thing, case.activity
    if thing is None:
        return Outcome.DELIVERY_ONLY, "An Announce of several posts at once, of which none is read."
    if isinstance(thing, str):
        return Outcome.DELIVERY_ONLY, (
            f"An Announce of an id alone has no effect of its own: if {activity.actor} is a "
            f"community to which somebody here belongs, {thing} is fetched from its own host and "
            "counts as what it is; by anybody else it is a boost."
        )
    if isinstance(thing, Activity):
        return Outcome.DELIVERY_ONLY, "An Announce of what was announced is not passed on twice."
    if thing.type not in case.objects:
        return Outcome.DELIVERY_ONLY, f"An Announce of what is never kept here: {a(thing.type)}."
    if not is_public(thing, activity):
        return Outcome.DELIVERY_ONLY, "An Announce of what is not public: nobody here may see it."
    return _post_or_reply(thing), (
        f"{one(thing.type)} that {activity.actor} announces: fetched from its own host if that is "
        "a community to which somebody here belongs; by anybody else it is a boost."
    )


def _undo(case: Case) -> Verdict:
    undone, activity = case.thing, case.activity
    if not isinstance(undone, Activity):
        return Outcome.VOTE, (
            f"Whatever stands here as {case.uri()} is taken back: an id alone does not tell "
            "whether it was a vote, as it mostly is, or a membership."
        )
    if undone.actor != activity.actor and not isinstance(undone, DECISIONS):
        raise NotTheirs("“object.actor” is not “actor”: only who said it can take it back.")
    rule = RULES.get(type(undone))
    if rule is None or type(undone) not in WAYS_BACK:
        return Outcome.DELIVERY_ONLY, f"{one(undone.type)} taken back, which left nothing here."
    outcome, reason = rule(replace(case, activity=undone))
    if isinstance(undone, Delete):
        reason += " What stewards took out stands again; what its author deleted is gone for good."
    return outcome, f"It takes this back: {reason}"


def _kind(thing: Object | str | None) -> str:
    return a(thing.type) if isinstance(thing, Object) else "an id"


def _post_or_reply(thing: Object | str | None) -> Outcome:
    return Outcome.REPLY if isinstance(thing, Object) and thing.in_reply_to else Outcome.POST


RULES: Mapping[type[Activity], Callable[[Case], Verdict]] = {
    Follow: _follow,
    Accept: _answer,
    Reject: _answer,
    Create: _create,
    Update: _update,
    Delete: _delete,
    **dict.fromkeys((Like, Dislike, EmojiReact), _vote),
    Announce: _announce,
    Undo: _undo,
    **dict.fromkeys((Add, Remove), decisions.change_list),
    Lock: decisions.lock,
    Block: decisions.block,
    Flag: decisions.flag,
    Move: decisions.move,
}
"""The same verbs as the inbox's table: a test holds the two together."""
