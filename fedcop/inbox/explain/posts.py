"""What becomes of a post: where it would stand, or why nobody here would see it."""

from fedcop.activitypub.vocab.activities import Activity
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.errors import Malformed, NotTheirs
from fedcop.inbox.activities.create import is_public, place_of
from fedcop.inbox.authority import check_copy
from fedcop.inbox.explain.outcomes import Outcome, Verdict, a, one
from fedcop.inbox.explain.world import imagined
from fedcop.inbox.needs import places

_LISTS_OF_PEOPLE = ("/followers", "/following")


def lone(wire: Object, objects: ObjectTypes) -> Verdict:
    """A post as its own host serves it. Raises FedcopError for one that is refused."""
    if wire.type not in objects:
        return Outcome.IGNORED, f"Nothing here is made of {a(wire.type)}."
    if wire.id is None:
        raise Malformed("“id” is missing: a post needs one.")
    if wire.author is None:
        raise NotTheirs("“attributedTo” is missing: nobody says whose it is.")
    try:
        check_copy(wire, wire.id)
    except NotTheirs as error:
        raise NotTheirs("“attributedTo” is not on the host of “id”.") from error
    return of_post(wire, objects)


def of_post(
    wire: Object, objects: ObjectTypes, activity: Activity | None = None, via: str | None = None
) -> Verdict:
    """A post by itself, or as `activity` says it, announced by `via`.

    Raises FedcopError for one that is refused.
    """
    things = (wire,) if activity is None else (activity, wire)
    if wire.type not in objects:
        return Outcome.DELIVERY_ONLY, f"Nothing here is made of {a(wire.type)}."
    if not is_public(*things):
        return Outcome.DELIVERY_ONLY, (
            f"{one(wire.type)} that is not public: neither “to” nor “cc” names everybody, "
            "so nobody here may see it."
        )
    title = objects[wire.type].words(wire, ()).title
    if wire.in_reply_to:
        return Outcome.REPLY, (
            f"{one(wire.type)} that answers {wire.in_reply_to}: it is kept where that stands in a "
            "community that is known here."
        )
    named = candidates(*things)
    _check_place(wire, named, via)
    if not named:
        return Outcome.DELIVERY_ONLY, (
            f"{one(wire.type)} without “inReplyTo” that names no community: nobody but its author "
            "stands in “audience”, “to”, “cc” and its mentions."
        )
    titled = "" if wire.name else f", titled “{title}” from its text"
    return Outcome.POST, (
        f"{one(wire.type)} that starts a discussion{titled}: it is kept if {_among(named)} is a "
        "community of this server, or one of elsewhere to which somebody here belongs."
    )


def candidates(*things: Object) -> list[str]:
    """Whom these name and who may be a community: not their speakers, no list of followers."""
    own = {uri for thing in things for uri in thing.attributed_to[:1]}
    own |= {thing.actor for thing in things if isinstance(thing, Activity)}
    named = places(*things)
    return [uri for uri in named if uri not in own and not uri.endswith(_LISTS_OF_PEOPLE)]


def _check_place(wire: Object, named: list[str], via: str | None) -> None:
    """Raise NotTheirs for a discussion that names another community than the one announcing it."""
    if via is None:
        return
    uow = imagined(named, [via])
    try:
        place_of(uow, wire, tuple(named), uow.find(Actor, via))
    except NotTheirs as error:
        raise NotTheirs(f"“audience”, “to” and “cc” leave out the announcer: {error}") from error


def _among(named: list[str]) -> str:
    return named[0] if len(named) == 1 else f"one of {', '.join(named[:3])}"
