"""One document in, and in words what FedCoP would make of it: no server is needed for that."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, cast

from fedcop.activitypub import json
from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab.activities import Activity, Announce
from fedcop.activitypub.vocab.actors import Actor
from fedcop.activitypub.vocab.collections import Collection
from fedcop.activitypub.vocab.objects import Tombstone
from fedcop.domain.people.remote import check_actor
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.errors import FedcopError, Malformed, NotTheirs, TooLarge
from fedcop.inbox.envelope import read_activity
from fedcop.inbox.explain import shapes
from fedcop.inbox.explain.outcomes import Explanation, Outcome, Verdict, one
from fedcop.inbox.explain.placeholders import filled
from fedcop.inbox.explain.posts import lone
from fedcop.inbox.explain.verbs import of_activity
from fedcop.inbox.receive import LARGEST
from fedcop.inbox.unwrap import Said, unwrap
from fedcop.net.urls import canonical_url

_DEEPEST = 6
_ONLY_IN_DEVELOPMENT = " (A public server takes no address that is not plain https.)"


def explain(body: bytes, objects: ObjectTypes) -> Explanation:
    """What becomes of the document in these bytes. `objects` are the nouns that are known here.

    Never raises: whatever is wrong is the reason for `refused`, which names the field or the byte.
    """
    try:
        return _explain(json.loads(body), body, objects)
    except FedcopError as error:
        return Explanation("", Outcome.REFUSED, _sentence(error))


def _explain(document: dict[str, Any], body: bytes, objects: ObjectTypes) -> Explanation:
    if not shapes.has_type(document):
        return _without_type(document, objects)
    kind = "/".join(_types(document))
    try:
        return Explanation(kind, *_verdict(document, body, objects))
    except FedcopError as error:
        otherwise = _otherwise(document, objects)
        return Explanation(kind, Outcome.REFUSED, _sentence(error) + otherwise)


def _without_type(document: dict[str, Any], objects: ObjectTypes) -> Explanation:
    known = shapes.known_as(document)
    if known is not None:
        return Explanation("", Outcome.IGNORED, f"This is {known}.")
    inside = shapes.wrapped(document)
    if inside and "@context" not in document:
        where, inner = inside[0]
        found = _explain(inner, json.dumps(inner), objects)
        several = f"the first of {len(inside)} documents " if len(inside) > 1 else ""
        reason = f"In “{where}”, {several}inside something that is not ActivityPub: {found.reason}"
        return Explanation(found.type, found.outcome, reason)
    if shapes.is_fragment(document):
        return Explanation("", Outcome.REFUSED, "“type” is missing: nothing says what this is.")
    return Explanation("", Outcome.IGNORED, "Nothing in it is ActivityPub.")


def _verdict(document: Mapping[str, Any], body: bytes, objects: ObjectTypes) -> Verdict:
    thing = parse(document)
    if isinstance(thing, Activity):
        return _activity(body, objects)
    if isinstance(thing, Actor):
        outcome, reason = _actor(thing)
    elif isinstance(thing, Collection):
        outcome, reason = _collection(thing)
    elif isinstance(thing, Tombstone):
        outcome = Outcome.DELIVERY_ONLY
        reason = "What is left of a deleted post: its host answers so when a Delete is checked."
    else:
        outcome, reason = lone(thing, objects)
    plain = thing.id is None or outcome is Outcome.IGNORED or _is_plain(thing.id)
    return outcome, reason if plain else reason + _ONLY_IN_DEVELOPMENT


def _actor(actor: Actor) -> Verdict:
    check_actor(actor)
    if actor.type == "Group":
        return Outcome.ACTOR, "A Group: a community that people here can join."
    return Outcome.ACTOR, f"{one(actor.type)}: somebody who can speak, be named and be followed."


def _collection(collection: Collection) -> Verdict:
    held = len(collection.items)
    return Outcome.COLLECTION, (
        f"{one(collection.type)} that holds {held} things: read only where an actor or a post "
        "names it, for what a community said before, its stewards and its replies."
    )


def _activity(body: bytes, objects: ObjectTypes) -> Verdict:
    if len(body) > LARGEST:
        raise TooLarge(f"An activity has at most {LARGEST:,} bytes.")
    activity = read_activity(body, development=True)
    saids = unwrap(activity, body, activity.actor)
    if not saids:
        return _left_out(activity)
    outcome, reason = _together([_try(said, objects) for said in saids])
    if saids[0].via:
        reason += f" {saids[0].via} announces it: somebody here has to belong to that community."
    try:
        read_activity(body, development=False)
    except Malformed:
        reason += _ONLY_IN_DEVELOPMENT
    return outcome, reason


def _try(said: Said, objects: ObjectTypes) -> Verdict | FedcopError:
    try:
        return of_activity(said, objects)
    except FedcopError as error:
        return error


def _together(verdicts: list[Verdict | FedcopError]) -> Verdict:
    """Of several activities in one message the outcome that most have; a bad one harms no other."""
    good = [verdict for verdict in verdicts if not isinstance(verdict, FedcopError)]
    if not good:
        raise next(error for error in verdicts if isinstance(error, FedcopError))
    if len(verdicts) == 1:
        return good[0]
    (most, _), *_ = Counter(outcome for outcome, _ in good).most_common()
    first = next(reason for outcome, reason in good if outcome is most)
    return most, f"{len(verdicts)} activities in one message, the first of this kind: {first}"


def _left_out(announce: Activity) -> Verdict:
    """Why nothing that an Announce brings is taken. Raises FedcopError if one field is to blame."""
    thing = announce.object
    if isinstance(thing, Announce):
        return Outcome.DELIVERY_ONLY, "What was announced once is not announced again here."
    if not isinstance(thing, Activity):
        return Outcome.DELIVERY_ONLY, "None of the activities in it is whole: nothing is taken."
    if thing.id is None:
        raise Malformed("“object.id” is missing: an announced activity needs one.")
    if not thing.objects:
        raise Malformed("“object.object” is missing: an announced activity needs one.")
    if not thing.actor:
        raise Malformed("“object.actor” is missing: an announced activity needs one.")
    raise NotTheirs("“object.id” is not on the host of “object.actor”.")


def _otherwise(document: dict[str, Any], objects: ObjectTypes) -> str:
    """For addresses that are placeholders: what the rest of the document says."""
    whole = filled(document)
    if whole == document:
        return ""
    try:
        outcome, _ = _verdict(whole, json.dumps(whole), objects)
    except FedcopError:
        return ""
    return f" With an address in its place it would be: {outcome}."


def _is_plain(uri: str) -> bool:
    try:
        return canonical_url(uri, fragment=True) == uri
    except Malformed:
        return False


def _types(document: Any) -> Iterator[str]:
    for _ in range(_DEEPEST):
        if not isinstance(document, dict):
            return
        thing = cast("dict[str, Any]", document)
        kind = thing.get("type", thing.get("@type"))
        names = cast("list[Any]", kind) if isinstance(kind, list) else [kind]
        words = [one for one in names if isinstance(one, str)]
        if not words:
            return
        yield ",".join(words)
        document = thing.get("object")


def _sentence(error: FedcopError) -> str:
    words = str(error)
    return words if words.endswith(".") else f"{words}."
