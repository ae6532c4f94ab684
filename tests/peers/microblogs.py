"""What Mastodon and GoToSocial need of actors, statuses, boosts and WebFinger.

Source: federation.md §1.3, §1.6, §1.7, §2.4 to §2.6, §3.4, read from their own code.
"""

from tests.peers.strict import PUBLIC, Json, check, get, host, public_key, same_host, url, urls

_TYPES = {
    "application/activity+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
}


def content_type(value: str) -> None:
    """Three exact values are taken by GoToSocial and Lemmy; ours is the first of them."""
    check(value == "application/activity+json", f"content type {value!r}")


def actor(document: Json) -> None:
    for key in ("preferredUsername", "inbox", "outbox", "followers"):
        get(document, key, str)
    same_host(document["id"], document["inbox"], document["outbox"], document["followers"])
    public_key(document)


def self_link(document: Json) -> str:
    """The actor's id of a WebFinger answer: the first `self` link of an ActivityPub type."""
    links = [one for one in get(document, "links", list) if one.get("rel") == "self"]
    first = next((one for one in links if one.get("type") in _TYPES), None)
    check(first, "no self link")
    return url((first or {}).get("href"), "self")


def subject(document: Json, name: str, at: str) -> None:
    """The subject is what the actor's `webfinger`, or name and host, say: the loop is closed."""
    check(document.get("subject") == f"acct:{name}@{at}", f"subject {document.get('subject')}")


def status(document: Json, fetched_from: str | None = None) -> None:
    """A post that is shown with its whole text, in our words."""
    uri = url(document.get("id"), "id")
    check(fetched_from in (None, uri), f"{fetched_from} says that its id is {uri}")
    check(document.get("type") == "Note", f"shown as a link only: {document.get('type')}")
    check("name" not in document, "a Note with a name is hidden behind it by GoToSocial")
    check("summary" not in document or document["sensitive"], "shown behind a content warning")
    check(get(document, "content", str), "no text")
    same_host(uri, url(document.get("attributedTo"), "attributedTo"))
    check(PUBLIC in (*urls(document, "to"), *urls(document, "cc")), "not public")
    get(document, "published", str)
    for language in document.get("contentMap", {}).values():
        check(language == document["content"], "contentMap says something else than content")
    for tag in get(document, "tag", list):
        if tag["type"] == "Mention":
            check(tag["name"].startswith("@") and "@" in tag["name"][1:], f"name {tag['name']}")
            same_host(url(tag["href"]), f"https://{tag['name'].rpartition('@')[2]}/")


def boost(document: Json) -> None:
    """The only Announce that it understands: of a post, by its id."""
    check(isinstance(document.get("object"), str), "Announce of an activity")
    check(PUBLIC in urls(document, "to"), "a boost to the public")
    check(f"{document['actor']}/followers" in urls(document, "cc"), "cc without followers")
    get(document, "published", str)


def by_its_author(document: Json, signer: str) -> None:
    """Update and Delete count only from the author, by the request's own signature."""
    thing = document["object"]
    uri = thing if isinstance(thing, str) else thing["id"]
    check(host(uri) == host(signer), f"{signer} cannot change {uri}")
    if isinstance(thing, dict) and thing.get("type") == "Note":
        check(thing["attributedTo"] == signer, "signed by somebody else than the author")
