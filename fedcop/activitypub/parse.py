"""From a document to what it means: the one way in for ActivityPub of other servers."""

from collections.abc import Mapping
from typing import Any

from fedcop.activitypub import jsonld
from fedcop.activitypub.vocab import actors, collections, objects
from fedcop.activitypub.vocab.activities import Activity, Announce, Flag
from fedcop.activitypub.vocab.base import Object, read
from fedcop.errors import Malformed

_NO_VERBS = actors.ACTOR_TYPES | collections.COLLECTION_TYPES | objects.KNOWN_TYPES
_OF_MANY = (Announce, Flag)  # a report of several posts; votes in a batch (FEP-1a11)


def parse(document: Mapping[str, Any]) -> Object:
    """Read a document as the class of its type; an unknown type is a plain Object.

    Compacted ActivityStreams is read as plain JSON with fixed meanings; a document whose context
    is foreign is compacted first. Raises Malformed, naming the field, for ids that are none and
    for JSON-LD that two readers could understand differently.
    """
    if jsonld.needs_compaction(document):
        document = jsonld.compact(document)
    return read(document)


def parse_activity(document: Mapping[str, Any]) -> Activity:
    """Read a document that has to be an activity with an id, an actor and an object.

    Only a Flag and an Announce may have several objects. That the id lies on the actor's host is
    not checked here. Raises Malformed.
    """
    activity = parse(document)
    if not isinstance(activity, Activity):
        if not activity.type or activity.type in _NO_VERBS:
            raise Malformed(f"“type” has to be an activity's, and is “{activity.type}”.")
        raise Malformed("“actor” or “object” is missing: an activity needs both.")
    if activity.id is None:
        raise Malformed("“id” is missing: an activity needs one.")
    if not activity.actor:
        raise Malformed("“actor” is missing: an activity needs one.")
    if not activity.objects:
        raise Malformed("“object” is missing: an activity needs one.")
    if activity.object is None and not isinstance(activity, _OF_MANY):
        raise Malformed(f"“object” has to be one thing in {activity.type}, not a list.")
    return activity
