"""What Lemmy 1.0 takes: its serde structs and `verify` steps, as checks.

Source: federation.md §1.1, §2.1 to §2.10, read from LemmyNet/lemmy crates/apub.
"""

from datetime import datetime

from tests.peers.strict import (
    PUBLIC,
    Json,
    Refused,
    addressed,
    check,
    get,
    host,
    no_fragment,
    public_key,
    same_host,
    url,
    urls,
)

_ATTACHMENTS = {"Link": "href", "Image": "url", "Document": "url"}
_PAGES = {"Page", "Article", "Note", "Video", "Event"}
_MARKUP = {"text/html", "text/markdown"}


def group(document: Json) -> None:
    """A community: every field that its `Group` struct has."""
    check(document["type"] == "Group", "no Group")
    check(document["manuallyApprovesFollowers"] is False, "true means a private community")
    check(document.get("discoverable") is not False, "false means unlisted")
    same_host(document["id"], url(document.get("attributedTo"), "attributedTo"))
    for key in ("featured", "followers"):
        same_host(document["id"], url(document.get(key), key))
    check(isinstance(document.get("postingRestrictedToMods", False), bool), "no boolean")
    for language in document.get("language", []):
        _language(language)
    actor(document)


def actor(document: Json) -> None:
    """A person, a community or a site."""
    no_fragment(document)
    get(document, "preferredUsername", str)
    for key in ("inbox", "outbox"):
        same_host(document["id"], url(document.get(key), key))
    if "endpoints" in document:
        url(document["endpoints"].get("sharedInbox"), "sharedInbox")
    if "source" in document:
        check(document["source"]["mediaType"] in _MARKUP, "source")
    public_key(document)


def page(thing: Json, community: str) -> None:
    """A thread starter."""
    check(thing.get("type") in _PAGES, f"no page type: {thing.get('type')}")
    check(thing.get("inReplyTo") is None, "a page answers nothing")
    check(0 < len(get(thing, "name", str)) <= 200, "title of 1 to 200 characters")
    _said(thing, community)


def note(thing: Json, community: str) -> None:
    """A comment."""
    check(thing.get("type") == "Note", "no comment type")
    get(thing, "content", str)
    url(thing.get("inReplyTo"), "inReplyTo (one id)")
    _said(thing, community)


def _said(thing: Json, community: str) -> None:
    no_fragment(thing)
    same_host(thing["id"], url(thing.get("attributedTo"), "attributedTo"))
    to, cc = urls(thing, "to"), urls(thing, "cc")
    check(PUBLIC in to or PUBLIC in cc, "not public (verify_visibility)")
    check(thing.get("audience", community) == community, "audience is another community")
    check(community in (*to, *cc, thing.get("audience")), "names no community")
    check(thing.get("mediaType", "text/html") in _MARKUP, "mediaType")
    if thing.get("source") is not None:
        check(isinstance(thing["source"].get("content"), str), "source.content")
    for one in get(thing, "attachment", list) if "attachment" in thing else ():
        check(one.get("type") in _ATTACHMENTS, f"attachment of type {one.get('type')}")
        url(one.get(_ATTACHMENTS[one["type"]]), "attachment")
    if thing.get("language") is not None:
        _language(thing["language"])
    for tag in get(thing, "tag", list):
        if tag.get("type") == "Mention":
            url(tag.get("href"), "Mention.href")


def _language(value: object) -> None:
    check(isinstance(value, dict) and {"identifier", "name"} <= value.keys(), "language object")


def announce(document: Json) -> None:
    """What a community that we follow passes on: one activity, whole, about itself."""
    no_fragment(document)
    community = url(document.get("actor"), "actor")
    same_host(document["id"], community)
    check(PUBLIC in urls(document, "to"), "an Announce is public")
    urls(document, "cc")
    inner = get(document, "object", dict)
    check(inner.get("type") not in _PAGES, "CannotReceivePage")
    activity(inner, community)


def activity(document: Json, community: str) -> None:
    """One of the activities that a community announces."""
    if host(document["actor"]) == host(community):  # a rule for ours; Mastodon's ids have one
        no_fragment(document)
    same_host(document["id"], url(document.get("actor"), "actor"))
    rule = _INNER.get(document.get("type", ""))
    if rule is None:
        raise Refused(f"no activity of a community: {document.get('type')}")
    rule(document, community)


def _create(document: Json, community: str) -> None:
    addressed(document)
    check(document.get("audience", community) == community, "audience of the activity")
    thing = get(document, "object", dict)
    check(thing.get("attributedTo") == document["actor"], "not the author's own words")
    same_host(thing["id"], document["actor"])
    if thing.get("type") == "Note":
        note(thing, community)
        for tag in get(document, "tag", list) if "tag" in document else ():
            url(tag.get("href"), "tag.href")
    else:
        page(thing, community)


def _delete(document: Json, community: str) -> None:
    urls(document, "to")
    if "cc" in document:
        urls(document, "cc")
    thing = document["object"]
    uri = thing if isinstance(thing, str) else thing["id"]
    if document.get("summary") is None:
        same_host(uri, document["actor"])


def _vote(document: Json, community: str) -> None:
    url(document.get("object"), "object of a vote")
    check(document.get("audience", community) == community, "audience of a vote")


def _undo(document: Json, community: str) -> None:
    inner = get(document, "object", dict)
    check(inner.get("actor") == document["actor"], "only who did it can undo it")
    check(inner.get("type") in ("Like", "Dislike", "Delete", "Lock", "Block"), "nothing to undo")
    activity(inner, community)


def _update(document: Json, community: str) -> None:
    _create(document, community)
    check("updated" in document["object"], "an edit without a time")


def _block(document: Json, community: str) -> None:
    """A ban. Source: `BlockUser` in crates/apub/activities/block."""
    for key in ("object", "target"):
        url(document.get(key), key)
    check(document["target"] == community, "a ban from another community")
    check(PUBLIC in urls(document, "to"), "a ban is public (verify_is_public)")
    urls(document, "cc")
    check(isinstance(document.get("removeData", False), bool), "removeData")
    check(isinstance(document.get("summary", ""), str), "summary")
    if "endTime" in document:
        check(datetime.fromisoformat(document["endTime"]).tzinfo is not None, "endTime")


def _flag(document: Json, community: str) -> None:
    """A report: one object, one recipient, the reason in `summary` or `content`."""
    url(document.get("object"), "object")
    check(urls(document, "to") == [community], "to exactly one community")
    check(document.get("summary") or document.get("content"), "no reason")


def _collection(document: Json, community: str) -> None:
    """A pin or a moderator. Source: `collection_add.rs`, `collection_remove.rs`."""
    url(document.get("object"), "object (no embedded one)")
    shelves = {f"{community}/featured", f"{community}/moderators"}
    check(url(document.get("target"), "target") in shelves, "no collection of the community")
    _by_moderator(document)


def _lock(document: Json, community: str) -> None:
    """Source: `lock.rs`."""
    url(document.get("object"), "object (no embedded one)")
    check(isinstance(document.get("summary", ""), str), "summary")
    _by_moderator(document)


def _by_moderator(document: Json) -> None:
    check(PUBLIC in urls(document, "to"), "what moderators do is public (verify_is_public)")
    urls(document, "cc")


_INNER = {
    "Add": _collection,
    "Remove": _collection,
    "Lock": _lock,
    "Block": _block,
    "Flag": _flag,
    "Create": _create,
    "Update": _update,
    "Delete": _delete,
    "Like": _vote,
    "Dislike": _vote,
    "Undo": _undo,
}


def follow(document: Json) -> None:
    no_fragment(document)
    for key in ("actor", "object"):
        url(document.get(key), key)
    if "to" in document:
        check(urls(document, "to") == [document["object"]], "to one community")


def accept(document: Json, asked: Json) -> None:
    """The embedded Follow is the one that was sent."""
    no_fragment(document)
    check(document.get("actor") == asked["object"], "accepted by somebody else")
    inner = get(document, "object", dict)
    for key in ("id", "type", "actor", "object"):
        check(inner.get(key) == asked[key], f"Accept of another Follow ({key})")


def outbox(document: Json, community: str) -> list[str]:
    """The pages that it reads: each item has to be an Announce, and what is in it may be skipped.

    Returned are the ids of those that it takes. Source: `community_outbox.rs`.
    """
    taken: list[str] = []
    for item in _items(document):
        check(item.get("type") == "Announce" and item["actor"] == community, "no Announce of it")
        url(item.get("id"), "id")
        addressed(item)
        try:
            announce(item)
        except Refused:
            continue
        taken.append(item["object"]["object"]["id"])
    return taken


def featured(document: Json, community: str) -> None:
    for item in _items(document):
        page(item, community)


def moderators(document: Json, community: str) -> None:
    check(host(document["id"]) == host(community), "id")
    for item in _items(document):
        url(item, "moderator")


def _items(document: Json) -> list[Json]:
    check(document.get("type") == "OrderedCollection", "no OrderedCollection")
    check(isinstance(document.get("totalItems"), int), "totalItems")
    return get(document, "orderedItems", list)


def nodeinfo(document: Json) -> None:
    """`metadata` is a flat map of strings, users are counted in integers."""
    for key in ("name", "version"):
        get(get(document, "software", dict), key, str)
    for value in document.get("metadata", {}).values():
        check(isinstance(value, str), "metadata: strings only")
    for value in document.get("usage", {}).get("users", {}).values():
        check(isinstance(value, int), "users: integers only")
