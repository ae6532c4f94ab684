"""Actors, activities and collections as they are read, and the documents that we write."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fedcop.activitypub.vocab import activities, actors, write
from fedcop.activitypub.vocab.actors import Actor, KeyDocument
from fedcop.activitypub.vocab.base import (
    class_for,
    read,
)
from fedcop.activitypub.vocab.collections import COLLECTION_TYPES, MAX_ITEMS, Collection
from fedcop.activitypub.vocab.objects import Tombstone
from fedcop.errors import Malformed
from fedcop.uris import PUBLIC
from tests.activitypub.samples import A, U, actor, like, note

PEM = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"
KEY = {"id": f"{U}#main-key", "owner": U, "publicKeyPem": PEM}
MULTIKEY = {
    "id": f"{U}#ed25519-key",
    "type": "Multikey",
    "controller": U,
    "publicKeyMultibase": "z6Mk",
}


def test_an_actor() -> None:
    found = actor(
        "Group",
        preferredUsername=" cop ",
        webfinger="cop@a.example",
        inbox=f"{U}/inbox",
        outbox={"type": "OrderedCollection", "id": f"{U}/outbox"},
        followers=f"{U}/followers",
        following=f"{U}/following",
        featured=f"{U}/featured",
        attributedTo=f"{U}/moderators",
        endpoints={"sharedInbox": f"{A}/inbox"},
        publicKey=KEY,
        assertionMethod=[MULTIKEY, {"id": "x"}, "https://a.example/key"],
        icon=[{"type": "Image", "url": f"{A}/i.png"}],
        image=f"{A}/b.png",
        manuallyApprovesFollowers=True,
        postingRestrictedToMods=True,
        discoverable=False,
        alsoKnownAs=f"{A}/old",
        movedTo=f"{A}/new",
    )
    assert (found.preferred_username, found.webfinger) == ("cop", "cop@a.example")
    assert (found.inbox, found.shared_inbox) == (f"{U}/inbox", f"{A}/inbox")
    assert (found.outbox, found.followers) == (f"{U}/outbox", f"{U}/followers")
    assert (found.following, found.featured) == (f"{U}/following", f"{U}/featured")
    assert found.moderators == f"{U}/moderators"
    assert found.public_key == KeyDocument(f"{U}#main-key", U, pem=PEM)
    assert found.assertion_methods == (KeyDocument(f"{U}#ed25519-key", U, multibase="z6Mk"),)
    assert found.assertion_methods[0].controller == U
    assert (found.icon, found.image) == (f"{A}/i.png", f"{A}/b.png")
    assert found.manually_approves_followers
    assert found.posting_restricted_to_mods
    assert found.discoverable is False
    assert (found.also_known_as, found.moved_to) == ((f"{A}/old",), f"{A}/new")


def test_a_bare_actor() -> None:
    found = actor("Service")
    assert (found.inbox, found.public_key, found.moderators, found.icon) == (None,) * 4
    assert (found.preferred_username, found.assertion_methods) == (None, ())
    assert actor(preferredUsername=7, webfinger="x" * 300).webfinger is None


def test_who_moderates() -> None:
    assert actor("Group", moderators=f"{U}/m", attributedTo=f"{U}/x").moderators == f"{U}/m"
    assert actor("Group", attributedTo=[{"type": "Person", "id": U}]).moderators is None
    assert actor("Person", attributedTo=f"{U}/x").moderators is None


def test_keys() -> None:
    assert actor(sharedInbox=f"{A}/inbox").shared_inbox == f"{A}/inbox"
    other = MULTIKEY | {"publicKeyPem": "ssh-rsa", "owner": U}
    assert actor(publicKey=[other, KEY]).public_key == KeyDocument(f"{U}#main-key", U, pem=PEM)
    for wrong in (
        f"{U}#main-key",
        KEY | {"id": 7},
        KEY | {"owner": [U]},
        KEY | {"id": "x"},
        KEY | {"publicKeyPem": None},
        KEY | {"publicKeyPem": PEM * 999},
    ):
        assert actor(publicKey=wrong).public_key is None
    with pytest.raises(Malformed, match="sharedInbox"):
        actor(endpoints={"sharedInbox": [f"{A}/inbox"]})
    assert actor(alsoKnownAs=["x", 7, U, U]).also_known_as == (U,)
    assert actor(movedTo=[U]).moved_to is None


def test_activities() -> None:
    found = like(target={"id": f"{A}/t"}, origin=f"{A}/o", removeData=True, endTime="2026-01-01")
    assert (found.object, found.object_id, found.objects) == (f"{A}/2", f"{A}/2", (f"{A}/2",))
    assert (found.target, found.origin, found.remove_data) == (f"{A}/t", f"{A}/o", True)
    assert found.end_time == datetime(2026, 1, 1, tzinfo=UTC)
    inner = like(object={"id": f"{A}/3", "type": "Announce", "actor": {"type": "Group", "id": U}})
    assert isinstance(inner.object, activities.Announce)
    assert (inner.object_id, inner.object.actor) == (f"{A}/3", U)
    assert like(object={"type": "Note"}).object_id is None
    assert like(actor=None).actor == ""
    assert like(object=None).objects == ()
    assert like(object=[f"{A}/2"]).object == f"{A}/2"
    many = like(object=[f"{A}/2", {"type": "Note", "id": f"{A}/3"}])
    assert (many.object, many.object_id, len(many.objects)) == (None, None, 2)
    unknown = read({"type": "QuoteRequest", "actor": U, "object": A, "instrument": {"id": U}})
    assert isinstance(unknown, activities.OtherActivity)
    assert (unknown.type, unknown.instrument) == ("QuoteRequest", U)


def test_collections() -> None:
    page = {"type": "CollectionPage", "items": [U], "next": f"{A}/2", "partOf": f"{A}/r"}
    found = read(
        {
            "type": "OrderedCollection",
            "totalItems": 3,
            "orderedItems": [U, {"type": "Note", "id": f"{A}/1"}, 7, None, "x", {"id": 7}],
            "first": page,
            "prev": f"{A}/0",
        }
    )
    assert isinstance(found, Collection)
    assert found.total_items == 3
    assert [item if isinstance(item, str) else item.id for item in found.items] == [U, f"{A}/1"]
    assert isinstance(found.first, Collection)
    assert (found.first.items, found.first.next) == ((U,), f"{A}/2")
    assert (found.first.part_of, found.prev) == (f"{A}/r", f"{A}/0")
    single = read({"type": "Collection", "items": U, "first": f"{A}/p", "totalItems": -1})
    assert isinstance(single, Collection)
    assert (single.items, single.first, single.total_items) == ((U,), f"{A}/p", None)
    odd = read({"type": "Collection", "items": [U] * 999, "first": {"type": "Note"}})
    assert isinstance(odd, Collection)
    assert (len(odd.items), odd.first) == (MAX_ITEMS, None)
    assert {class_for(kind) for kind in COLLECTION_TYPES} == {Collection}


def test_tombstones() -> None:
    found = read({"type": "Tombstone", "formerType": "Note", "deleted": "2026-01-01T00:00:00Z"})
    assert isinstance(found, Tombstone)
    assert (found.former_type, found.deleted) == ("Note", datetime(2026, 1, 1, tzinfo=UTC))
    assert read({"type": "Tombstone", "formerType": ["Note"]}) is not None


def test_actor_types_have_a_class() -> None:
    assert {class_for(kind) for kind in actors.ACTOR_TYPES} == {Actor}


NOON = datetime(2026, 8, 22, 12, 0, 0, 999_999, timezone(timedelta(hours=2)))


def test_written_activities() -> None:
    document = write.activity(
        "Create",
        id=f"{A}/activity/1",
        actor=U,
        object={"id": f"{A}/post/1", "type": "Note"},
        to=[PUBLIC, PUBLIC],
        audience=f"{A}/c/x",
        published=NOON,
        target=f"{A}/t",
        summary="why",
        tag=[write.mention(U, "ana@a.example")],
        removeData=True,
    )
    assert document["@context"] == list(write.CONTEXT)
    assert (document["to"], document["cc"]) == ([PUBLIC], [])
    assert document["audience"] == f"{A}/c/x"
    assert document["published"] == "2026-08-22T10:00:00Z"
    assert document["tag"] == [{"type": "Mention", "href": U, "name": "@ana@a.example"}]
    again = read(document)
    assert isinstance(again, activities.Create)
    assert (again.remove_data, again.summary, again.target) == (True, "why", f"{A}/t")

    bare = write.activity("Flag", id=A, actor=U, object=[U, A], context=False)
    assert set(bare) == {"id", "type", "actor", "object", "to", "cc"}
    assert bare["object"] == [U, A]
    with pytest.raises(TypeError):
        write.activity("Like", id=A, actor=U, object=U, to=PUBLIC)
    with pytest.raises(ValueError, match="zone"):
        write.timestamp(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_written_parts() -> None:
    assert write.hashtag(A, "x") == write.hashtag(A, "#x")
    assert write.mention(U, "@ana") == write.mention(U, "ana")
    assert write.attachment("Link", A) == {"type": "Link", "href": A}
    assert write.attachment("Image", A, name="alt", media_type="image/png") == {
        "type": "Image",
        "url": A,
        "name": "alt",
        "mediaType": "image/png",
    }
    assert write.language("en", "English") == {"identifier": "en", "name": "English"}
    source = {"source": write.markdown_source("*x*")}
    assert note(**source).source_markdown == "*x*"


def test_written_tombstones_and_collections() -> None:
    whole = read(write.tombstone(A, "Note", NOON, NOON))
    assert isinstance(whole, Tombstone)
    assert (whole.former_type, whole.published, whole.deleted) == (
        "Note",
        NOON.replace(microsecond=0),
        NOON.replace(microsecond=0),
    )
    assert write.tombstone(A, context=False) == {"id": A, "type": "Tombstone"}
    assert write.ordered_collection(A, [U])["totalItems"] == 1
    count = write.ordered_collection(A, None, 7, first=f"{A}?page=1")
    assert (count["totalItems"], count["first"], "orderedItems" in count) == (
        7,
        f"{A}?page=1",
        False,
    )
    page = read(write.ordered_page(f"{A}?page=1", A, [U], next=f"{A}?page=2"))
    assert isinstance(page, Collection)
    assert (page.items, page.part_of, page.next) == ((U,), A, f"{A}?page=2")
    assert "next" not in write.ordered_page(f"{A}?page=2", A, [])
