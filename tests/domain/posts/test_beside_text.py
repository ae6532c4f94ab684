"""Polls, events, pictures and files of other software are said in words and links."""

from typing import Any

import pytest

from fedcop.activitypub.parse import parse
from fedcop.domain.posts.federation import Discussion
from fedcop.domain.posts.words import Words
from fedcop.errors import Malformed

HOME = "https://there.example"


def read(kind: str, **fields: Any) -> Words:
    return Discussion().words(parse({"id": f"{HOME}/1", "type": kind, **fields}), ())


def test_the_choices_of_a_poll() -> None:
    options = [{"type": "Note", "name": "Tea"}, {"type": "Note", "name": "<b>Coffee</b>"}, None]
    found = read("Question", content="<p>What do you drink?</p>", oneOf=options)
    expected = "<ul><li>Tea</li><li>&lt;b&gt;Coffee&lt;/b&gt;</li></ul>"
    assert found.html == f"<p>What do you drink?</p>{expected}"
    assert (found.title, found.summary) == ("What do you drink?", "What do you drink?")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "2026-12-01 18:00 UTC"),
        ({"endTime": "2026-12-01T20:30:00Z"}, "2026-12-01 18:00–20:30 UTC"),
        ({"timezone": "Europe/Berlin"}, "2026-12-01 19:00 (Europe/Berlin)"),
        ({"timezone": "../../etc/passwd"}, "2026-12-01 18:00 UTC"),
        ({"timezone": "Europe/Nowhere"}, "2026-12-01 18:00 UTC"),
        ({"endTime": "2026-12-03T08:00:00Z"}, "2026-12-01 18:00 – 2026-12-03 08:00 UTC"),
        ({"endTime": "2026-11-01T08:00:00Z"}, "2026-12-01 18:00 UTC"),
        ({"startTime": "9999-12-31T23:59:59Z"}, "9999-12-31 23:59 UTC"),
    ],
)
def test_when_an_event_is(fields: dict[str, str], line: str) -> None:
    said = {"startTime": "2026-12-01T18:00:00Z", "name": "Soldering", "content": "<p>Come.</p>"}
    assert read("Event", **(said | fields)).html == f"<p>{line}</p><p>Come.</p>"


def test_where_an_event_is() -> None:
    address = {"streetAddress": "Main Street 1", "addressLocality": "Ulm", "postalCode": None}
    places = [
        {"type": "Place", "name": "Town <Hall>", "address": address},
        {"type": "VirtualLocation", "url": f"{HOME}/call"},
        "By the river",
        7,
    ]
    found = read("Event", name="Soldering", location=places).html
    assert found == (f"<p>Town &lt;Hall&gt;, Main Street 1, Ulm<br>{HOME}/call<br>By the river</p>")


def test_a_video_and_its_file() -> None:
    links = [
        {"type": "Link", "mediaType": "text/html", "href": f"{HOME}/watch/1"},
        {"type": "Link", "mediaType": "video/mp4", "href": f"{HOME}/1.mp4"},
    ]
    found = read(
        "Video", name="Harps", content="*How* to tune.", mediaType="text/markdown", url=links
    )
    assert found.html.strip() == "<p><em>How</em> to tune.</p>"
    assert [(one.type, one.url) for one in found.attachments] == [("Video", f"{HOME}/1.mp4")]


def test_a_picture_beside_the_text() -> None:
    image = {"type": "Image", "url": f"{HOME}/1.png", "name": "A harp"}
    found = read("Page", name="Harps", image=image)
    assert [(one.url, one.name) for one in found.attachments] == [(f"{HOME}/1.png", "A harp")]
    twice = read("Page", name="Harps", image=image, attachment=[image])
    assert len(twice.attachments) == 1


def test_a_title_for_a_picture_or_for_names_alone() -> None:
    picture = {"type": "Document", "url": "https://media.example/1.png"}
    assert read("Note", attachment=[picture | {"name": "A harp in the sun"}]).title == (
        "A harp in the sun"
    )
    assert read("Note", attachment=[picture]).title == "media.example"
    link = '<a href="https://there.example/@bo" class="u-url mention">@bo</a>'
    assert read("Note", content=f"<p>{link}</p>").title == "@bo"


def test_a_summary_is_a_warning_or_stands_for_the_text() -> None:
    assert read("Note", content="<p>Boo</p>", summary="Ghosts").warning == "Ghosts"
    assert read("Article", name="Ghosts", summary="<p>All of them.</p>").html == (
        "<p>All of them.</p>"
    )
    assert read("Page", name="Ghosts", content=None, summary="Ghosts #scary #night").html == ""
    article = read("Article", content="<p>Boo</p>", summary="Ghosts")
    assert (article.html, article.warning) == ("<p>Boo</p>", None)


def test_the_name_of_a_reply_is_not_lost() -> None:
    found = read("Note", name="Re: harps", content="<p>Yes</p>", inReplyTo=f"{HOME}/0")
    assert found.html == "<p><strong>Re: harps</strong></p><p>Yes</p>"


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(Malformed):
        read("Note", content="<script>alert(1)</script>", url=[None, 7], image=[[]], oneOf=["", 7])
