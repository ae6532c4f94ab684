"""What PieFed, Mbin, NodeBB and Discourse need of what a community sends and serves.

Source: federation.md §1.1, §2, §3.8, read from their own code: the keys that they read without
asking whether they are there, and the types that they make nothing of.
"""

from tests.peers.strict import Json, addressed, check, get, host, public_key, same_host, url

_DISCOURSE = {"Note", "Article"}


def piefed_actor(document: Json) -> None:
    for key in ("name", "preferredUsername", "outbox"):
        check(get(document, key, str), f"{key} is empty")
    check(document.get("inbox") or document["endpoints"]["sharedInbox"], "no inbox")
    for tag in document.get("tag", []):
        get(tag, "type", str)
    public_key(document)


def piefed(document: Json) -> None:
    """An Announce; a list or an OrderedCollection inside it is FEP-1a11."""
    inner = get(document, "object", (dict, list))
    many = inner if isinstance(inner, list) else inner.get("orderedItems", [inner])
    for one in many:
        for key in ("id", "actor"):
            get(one, key, str)
        if one["type"] in ("Like", "Dislike") and host(one["actor"]) == host(document["actor"]):
            check(one.get("audience"), "a vote without audience")
        if one["type"] == "Undo":
            get(get(one, "object", dict), "object", str)
        if one["type"] in ("Create", "Update"):
            _piefed_object(get(one, "object", dict))


def _piefed_object(thing: Json) -> None:
    for key in ("id", "type", "attributedTo", "published"):
        get(thing, key, str)
    if thing["type"] != "Note":
        get(thing, "name", str)
        if "replies" in thing:
            url(thing["replies"], "replies (a URL is followed)")
    for one in thing.get("tag", []):
        get(one, "type", str)


def mbin(document: Json) -> None:
    """It reads `published`, `name`, `object.to` and `object.cc` without a guard."""
    inner = get(document, "object", dict)
    if inner["type"] == "Undo":
        get(get(inner, "object", dict), "object", str)
    if inner["type"] not in ("Create", "Update"):
        return
    thing = get(inner, "object", dict)
    addressed(thing)
    get(thing, "published", str)
    if thing["type"] != "Note":
        get(thing, "name", str)


def nodebb_actor(document: Json) -> None:
    public_key(document)


def nodebb(document: Json) -> None:
    """An activity of another host than the sender's is read again from its id."""
    inner = get(document, "object", dict)
    same_host(get(inner, "id", str), get(inner, "actor", str))
    if inner["type"] in ("Create", "Update"):
        thing = get(inner, "object", dict)
        check(url(thing.get("attributedTo")) == inner["actor"], "attributedTo")


def discourse(document: Json) -> None:
    inner = get(document, "object", dict)
    same_host(inner["id"], inner["actor"])
    ours = host(inner["actor"]) == host(document["actor"])
    if ours and inner["type"] in ("Create", "Update"):
        kind = inner["object"]["type"]
        check(kind in _DISCOURSE, f"unsupported object: {kind}")
