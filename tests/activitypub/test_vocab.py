"""The many ways to write a thing, and the one form that they are read into."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fedcop.activitypub.vocab import objects, values
from fedcop.activitypub.vocab.activities import VERBS
from fedcop.activitypub.vocab.actors import Actor
from fedcop.activitypub.vocab.base import (
    MAX_ATTACHMENTS,
    MAX_TAGS,
    Attachment,
    Object,
    Tag,
    class_for,
    embedded,
    read,
)
from fedcop.activitypub.vocab.objects import Tombstone
from fedcop.errors import Malformed
from fedcop.uris import PUBLIC
from tests.activitypub.samples import A, U, like, note


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/u/ana",
        "http://localhost:8080/u/ana#main-key",
        "https://a.example",
        "https://a.example/?q=1&r=ü",
        "https://[::1]:8443/x",
        "https://xn--bcher-kva.example/@a",
        "https://a.example/" + "x" * (values.MAX_ID - 18),
    ],
)
def test_ids(uri: str) -> None:
    assert values.identifier(uri, "id") == uri


@pytest.mark.parametrize(
    "uri",
    [
        *("", "x", "/u/ana", "//a.example/u", "ftp://a.example/", "javascript:alert(1)"),
        *("acct:ana@a.example", "did:key:z6Mk", "https://", "https:///x", "HTTPS://a.example/"),
        *("https://A.example/", "https://a.example /", "https://a.example/ x", "https://a@b.de/"),
        *("https://a.example/\n", "https://a.example/\u2028", "https://a.example\\@b.de/"),
        *(
            "https://a.example:123456/",
            "https://-a.example/",
            'https://a.example/"',
            "https://a|b/",
        ),
        "https://a.example/" + "x" * (values.MAX_ID - 17),
        "https://a.example/" + "ü" * (values.MAX_ID // 2),
    ],
)
def test_what_is_no_id_is_refused_by_name(uri: str) -> None:
    with pytest.raises(Malformed, match="“id”"):
        read({"id": uri, "type": "Note"})


@pytest.mark.parametrize("field", ["id", "inReplyTo", "actor", "target", "origin", "object"])
@pytest.mark.parametrize("value", [7, True, [U, U], [[U]], {"id": [U]}, {"id": 7}, ["x"]])
def test_the_wrong_kind_of_value_is_not_its_first_element(field: str, value: Any) -> None:
    if field == "object" and value == [U, U]:
        assert like(object=value).object is None
        return
    with pytest.raises(Malformed, match=f"“{field}"):
        like(**{field: value})


@pytest.mark.parametrize("field", ["to", "cc", "audience"])
def test_recipients(field: str) -> None:
    def read_as(value: Any) -> tuple[str, ...]:
        return getattr(note(**{field: value}), field)

    assert read_as(U) == read_as([U]) == read_as({"id": U}) == read_as([U, U]) == (U,)
    for public in (PUBLIC, "as:Public", "Public"):
        assert read_as([public, U]) == (PUBLIC, U)
    assert read_as(None) == read_as([]) == read_as("acct:a@b") == ()
    assert len(read_as([f"{A}/{i}" for i in range(2_000)])) == values.MAX_RECIPIENTS
    for wrong in (7, [[U]], [{"type": "Person"}]):
        with pytest.raises(Malformed, match=field):
            read_as(wrong)


def test_authors() -> None:
    assert note(attributedTo=U).author == U
    assert note(attributedTo=[U, f"{A}/2"]).attributed_to == (U, f"{A}/2")
    assert note(attributedTo={"type": "Person", "id": U}).author == U
    channel = [{"type": "Group", "id": f"{A}/c"}, {"type": "Person", "id": U}]
    assert note(attributedTo=channel).attributed_to == (U, f"{A}/c")
    assert note(attributedTo=[{"type": "Person", "name": "Sally"}]).author is None
    assert note().author is None
    for wrong in (7, [["x"]], [{"id": 7}], "Sally"):
        with pytest.raises(Malformed, match="attributedTo"):
            note(attributedTo=wrong)


def test_words_and_languages() -> None:
    assert note(content="<p>x").content == "<p>x"
    mapped = note(contentMap={"de": "<p>Hallo"})
    assert (mapped.content, mapped.language) == ("<p>Hallo", "de")
    both = note(content=None, contentMap={"de": "Hallo", "en": "Hi"}, language="en")
    assert (both.content, both.language) == ("Hi", "en")
    several = note(contentMap={"de": "Hallo", "en": "Hi"})
    assert (several.content, several.language) == ("Hallo", "de")
    assert note(content="Hi", contentMap={"de": "Hallo", "en": "Hi"}).language == "en"
    assert note(content="Ho", contentMap={"de": "Hallo", "en": "Hi"}).language is None
    assert note(contentMap={}).language is None
    assert note(content="Ho", inLanguage="fr").language == "fr"
    assert note(contentMap={"de": "Hallo", "en": "Hi"}).content == "Hallo"
    assert note(nameMap={"en": "Title"}, summaryMap={"en": "TL;DR"}).name == "Title"
    assert note(summaryMap={"en": "TL;DR"}).summary == "TL;DR"
    for wrong in (7, ["x"], {"a": "b"}):
        assert note(content=wrong, contentMap=wrong and [wrong]).content is None
    assert note(contentMap={"en": 7}).content is None
    assert note(name="  a\n b ").name == "a b"
    assert note(name=" ").name is None
    assert len(note(name="x" * 9_999).name or "") == values.MAX_NAME


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("en", "en"),
        ({"identifier": "pt-BR", "name": "Português"}, "pt-BR"),
        ([{"identifier": "de"}, {"identifier": "en"}], "de"),
        ("und", None),
        ("<script>", None),
        (7, None),
        ({"name": "English"}, None),
    ],
)
def test_language(value: Any, tag: str | None) -> None:
    assert note(language=value).language == tag


def test_source_is_markdown_only_if_it_says_so() -> None:
    assert note(source={"content": "*x*", "mediaType": "text/markdown"}).source_markdown == "*x*"
    kind = "text/markdown; variant=CommonMark"
    assert note(source={"content": "*x*", "mediaType": kind}).source_markdown == "*x*"
    for wrong in (
        "https://a.example/link",
        {"content": "*x*"},
        {"content": "*x*", "mediaType": "text/bbcode"},
        {"content": 7, "mediaType": "text/markdown"},
        {"content": "*x*", "mediaType": 7},
        None,
    ):
        assert note(source=wrong).source_markdown is None


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2026-08-22T10:00:00Z", 10),
        ("2026-08-22T10:00:00", 10),
        ("2026-08-22T10:00:00.123456789Z", 10),
        (" 2026-08-22T12:00:00+02:00 ", 10),
        ("2026-08-22", 0),
    ],
)
def test_times(value: str, hour: int) -> None:
    found = note(published=value).published
    assert found is not None
    assert found.replace(microsecond=0) == datetime(2026, 8, 22, hour, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", ["yesterday", "", 7, None, [], "0001-01-01T00:00:00+10:00"])
def test_times_that_are_none(value: Any) -> None:
    assert note(updated=value).updated is None


def test_addresses() -> None:
    assert note(url=f"{A}/x").url == f"{A}/x"
    links = [
        {"type": "Link", "mediaType": "application/json", "href": f"{A}/json"},
        {"type": "Link", "mediaType": "text/html", "href": f"{A}/html"},
    ]
    assert note(url=links).url == f"{A}/html"
    assert note(url=links[:1]).url == f"{A}/json"
    assert note(url=["javascript:alert(1)", f"{A}/x"]).url == f"{A}/x"
    assert note(url={"type": "Link", "href": f"{A}/x", "mediaType": 7}).url == f"{A}/x"
    for wrong in ("javascript:alert(1)", "/x", 7, [7], {}, f"{A}/ x", f"{A}/\u202e", "https:///x"):
        assert note(url=wrong).url is None


def test_hints() -> None:
    replies = {"type": "Collection", "id": f"{A}/replies"}
    assert note(replies=replies, context=f"{A}/c").replies == f"{A}/replies"
    assert note(context=f"{A}/c").context == f"{A}/c"
    assert note(context="tag:a.example,2018:1", replies=[]).context is None
    assert note(inReplyTo=None).in_reply_to is note(inReplyTo=[]).in_reply_to is None
    assert note(inReplyTo={"type": "Note", "id": U}).in_reply_to == U
    assert note(inReplyTo={"type": "Note"}).in_reply_to is None


def test_tags() -> None:
    mention = {"type": "Mention", "href": U, "name": " @ana "}
    assert note(tag=mention).tags == (Tag("Mention", U, "@ana"),)
    tags = note(
        tag=[
            mention,
            {"type": "Mention", "name": "@nobody"},
            {"type": "Mention", "href": "javascript:x", "name": "@x"},
            {"type": "Hashtag", "name": "#x"},
            {"type": "Hashtag", "href": f"{A}/tag/y"},
            {"type": "Hashtag", "name": 7},
            {"type": "Emoji", "name": ":x:", "icon": {"type": "Image", "url": f"{A}/x.png"}},
            {"type": "CommunityPostTag", "name": "x"},
            {"type": ["Hashtag"], "name": "#list"} | {"type": "Link"},
            "https://a.example/tag",
            7,
        ]
    ).tags
    assert tags == (
        Tag("Mention", U, "@ana"),
        Tag("Hashtag", None, "#x"),
        Tag("Hashtag", f"{A}/tag/y", ""),
        Tag("Emoji", f"{A}/x.png", ":x:"),
    )
    assert len(note(tag=[mention] * 500).tags) == MAX_TAGS


def test_attachments() -> None:
    found = note(
        attachment=[
            {"type": "Link", "href": f"{A}/x.pdf", "mediaType": "application/pdf"},
            {
                "type": "Image",
                "url": [{"href": f"{A}/i.png"}],
                "name": "alt",
                "width": 2,
                "height": 1,
            },
            {"type": "Document", "url": f"{A}/d", "width": -1, "height": "9"},
            {"type": "PropertyValue", "name": "x", "value": "y"},
            {"type": "Image", "url": "data:image/png;base64,x"},
            "https://a.example/x",
        ]
    ).attachments
    assert found == (
        Attachment("Link", f"{A}/x.pdf", None, "application/pdf"),
        Attachment("Image", f"{A}/i.png", "alt", None, 2, 1),
        Attachment("Document", f"{A}/d"),
    )
    one = {"type": "Link", "href": f"{A}/x"}
    assert len(note(attachment=one).attachments) == 1
    assert len(note(attachment=[one] * 99).attachments) == MAX_ATTACHMENTS


def test_flags() -> None:
    flagged = note(sensitive=True, commentsEnabled=False, stickied=True, mediaType="text/html")
    assert (flagged.sensitive, flagged.comments_enabled, flagged.stickied) == (True, False, True)
    vague = note(sensitive="yes", commentsEnabled=1, stickied=None, mediaType=7)
    assert (vague.sensitive, vague.comments_enabled, vague.stickied) == (False, None, None)
    assert (flagged.media_type, vague.media_type) == ("text/html", None)


@pytest.mark.parametrize(
    "change",
    [
        {"@id": f"{A}/other"},
        {"@type": "Delete"},
        {"@graph": []},
        {"@included": []},
        {"@reverse": {}},
        {"type": ["Note", "Delete"]},
        {"type": 7},
        {"type": ["Note", 7]},
    ],
)
def test_two_readings_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read({"id": f"{A}/1", "type": "Note"} | change)
    with pytest.raises(Malformed):
        like(object={"id": f"{A}/1", "type": "Note"} | change)


def test_types() -> None:
    assert read({"type": ["Person", "vcard:individual"]}).type == "Person"
    assert type(read({"type": ["schema:Person", "Person"]})) is Actor
    assert read({"type": ["x:A", "x:B"]}).type == "x:A"
    assert type(read({"type": "Unheard"})) is Object
    assert read({}).type == ""
    assert class_for("Unheard") is None
    assert class_for("Tombstone") is Tombstone
    assert objects.POST_TYPES - {"Note"} == objects.THREAD_TYPES
    assert len(VERBS) == 20
    for name, verb in VERBS.items():
        found = read({"type": name, "actor": U, "object": U})
        assert (type(found), found.type) == (verb, name)


def test_embedded() -> None:
    assert embedded(None, "object") is None
    assert embedded({"id": U}, "object") == U
    with pytest.raises(Malformed, match="“object”"):
        embedded(7, "object")
    with pytest.raises(Malformed, match=r"object\.id"):
        embedded({"id": 7}, "object")
    with pytest.raises(Malformed):
        embedded({"id": U, "@id": A}, "object")
