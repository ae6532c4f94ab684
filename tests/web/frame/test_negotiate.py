"""What form of an answer is wanted: real `Accept` headers, and odd ones."""

import random

import pytest
from starlette.requests import Request

from fedcop.web.negotiate import preferences, wants_activitypub, wants_json

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def asking(*accept: str) -> Request:
    headers = [(b"accept", value.encode("latin-1")) for value in accept]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        PROFILE,
        f"{PROFILE}, application/activity+json, text/html;q=0.1",
        f"application/activity+json, {PROFILE}",
        "APPLICATION/Activity+JSON; charset=utf-8",
        "application/activity+json, text/html",
        'application/ld+json; profile="https://w3id.org/x https://www.w3.org/ns/activitystreams"',
        "application/ld+json",
        "text/html;q=0, application/activity+json;q=0.1",
        'text/plain;x="a,b;q=0", application/activity+json',
        "application/activity+json;q=zebra",
    ],
)
def test_the_activitypub_document_is_wanted(accept: str) -> None:
    assert wants_activitypub(asking(accept))


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        BROWSER,
        f"{BROWSER}, application/activity+json;q=0.5",
        "application/activity+json;q=0",
        "application/json",
        'application/ld+json;profile="https://example.org/other", text/html',
        "text/html, application/ld+json",
        "application/activity+jsonx",
        "application/*",
    ],
)
def test_the_page_is_wanted(accept: str) -> None:
    assert not wants_activitypub(asking(accept))


def test_several_accept_lines_count_as_one() -> None:
    assert wants_activitypub(asking("text/html;q=0.2", "application/activity+json"))


def test_no_header_at_all_is_a_page() -> None:
    assert not wants_activitypub(asking())
    assert not wants_json(asking())


def test_plain_json() -> None:
    assert wants_json(asking("application/json"))
    assert wants_json(asking("application/activity+json"))
    assert not wants_json(asking(BROWSER + ", application/json;q=0.5"))


def test_qualities_are_brought_into_bounds() -> None:
    found = preferences("a;q=7, b;q=-1, c;q=nan, d;q=0.25, ;q=1, e;q=")
    assert [(value, quality) for value, _, quality in found] == [
        ("a", 1.0),
        ("b", 0.0),
        ("c", 1.0),
        ("d", 0.25),
        ("e", 1.0),
    ]


def test_no_header_makes_it_fail() -> None:
    dice = random.Random(20)
    alphabet = 'aä/*;,=q" \\\t01.+-json'
    for _ in range(3_000):
        text = "".join(dice.choice(alphabet) for _ in range(dice.randrange(60)))
        wants_activitypub(asking(text))
        wants_json(asking(text))


def test_an_endless_header_is_cheap() -> None:
    assert len(preferences('"' * 100_000)) <= 4_000
    assert len(preferences("a," * 100_000)) <= 2_000
