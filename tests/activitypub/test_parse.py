"""What other software really sends, read whole; and what is no activity, refused."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.json import loads
from fedcop.activitypub.parse import parse, parse_activity
from fedcop.activitypub.vocab.activities import VERBS, Activity, Announce, Create, Flag, Undo
from fedcop.activitypub.vocab.actors import ACTOR_TYPES, Actor
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.collections import COLLECTION_TYPES, Collection
from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.errors import Malformed

A = "https://a.example"
OURS = ("lemmy", "piefed", "mbin", "nodebb", "discourse", "gotosocial", "mastodon")
KNOWN = {*VERBS, *ACTOR_TYPES, *COLLECTION_TYPES, *POST_TYPES, "Tombstone"}

# the collectors of the payloads left these where an address of the sender's stood
PLACEHOLDERS = (
    (re.compile(rb"SCRUBBED_ID"), b"https://sender.example/1"),
    (re.compile(rb"` *\+ *[\w.()]+ *\+ *`"), b"https://sender.example/2"),
    (re.compile(rb"\{\{\w+\}\}"), b"placeholder"),
    (re.compile(rb'"01[0-9A-Z]{24}"'), b'"https://sender.example/5"'),
)


def read_file(file: Path) -> dict[str, Any] | None:
    body = file.read_bytes()
    for pattern, address in PLACEHOLDERS:
        body = pattern.sub(address, body)
    try:
        return loads(body)
    except Malformed:
        return None


def test_every_payload_is_read_or_refused(shared: Path) -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    for file in sorted((shared / "corpus").glob("**/*.json")):
        platform = file.relative_to(shared / "corpus").parts[0]
        document = read_file(file)
        if document is None:
            outcomes[platform, "no JSON of ours"] += 1
            continue
        try:
            found = parse(document)
        except Malformed:
            outcomes[platform, "refused"] += 1
        else:
            assert isinstance(found, Object)
            outcomes[platform, "read"] += 1
    total = Counter[str]()
    for (_, outcome), number in outcomes.items():
        total[outcome] += number
    assert total["read"] > 1_250
    assert total["refused"] < 40


def test_what_our_peers_send_is_understood(shared: Path) -> None:
    understood: Counter[str] = Counter()
    refused: list[tuple[str, str]] = []
    for platform in OURS:
        for file in sorted((shared / "corpus" / platform).glob("**/*.json")):
            document = read_file(file)
            kind = document.get("type") if document is not None else None
            if document is None or not isinstance(kind, str) or kind not in KNOWN:
                continue
            try:
                found = parse(document)
            except Malformed as error:
                refused.append((f"{platform}/{file.name}", str(error)))
                continue
            assert found.type == kind
            assert isinstance(found, Activity) == (kind in VERBS)
            assert isinstance(found, Actor) == (kind in ACTOR_TYPES)
            assert isinstance(found, Collection) == (kind in COLLECTION_TYPES)
            if kind in VERBS:
                assert isinstance(found, Activity)
                assert found.actor
                assert found.objects
            understood[platform] += 1
    assert refused == []
    assert all(understood[platform] for platform in OURS)
    assert understood.total() > 300


def test_lemmy_announces_are_read_to_the_bottom(shared: Path) -> None:
    folder = shared / "corpus" / "lemmy" / "lemmy-assets"
    found = [
        (outer, outer.object, outer.object.object)
        for file in sorted(folder.glob("*.json"))
        if (document := read_file(file))
        and isinstance(outer := parse(document), Announce)
        and isinstance(outer.object, Create)
        and isinstance(outer.object.object, Object)
    ]
    assert found
    for outer, create, page in found:
        assert outer.actor != create.actor
        assert page.author == create.actor
        assert page.type in POST_TYPES
        assert page.published is not None


def activity(**fields: Any) -> dict[str, Any]:
    return {"id": f"{A}/1", "type": "Like", "actor": f"{A}/u", "object": f"{A}/2", **fields}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "“id” is missing"),
        ({"id": "x"}, "“id” has to be an http"),
        ({"actor": None}, "“actor” is missing"),
        ({"actor": [f"{A}/u"]}, "“actor” has to be one id"),
        ({"actor": {"type": "Person"}}, "“actor” is missing"),
        ({"object": None}, "“object” is missing"),
        ({"object": []}, "“object” is missing"),
        ({"object": 7}, "“object” has to be one id"),
        ({"object": [f"{A}/2", f"{A}/3"]}, "one thing in Like"),
        ({"type": None}, "has to be an activity's"),
        ({"type": "Note"}, "is “Note”"),
        ({"type": "Person"}, "is “Person”"),
        ({"type": "OrderedCollection"}, "is “OrderedCollection”"),
        ({"type": ["Like", "Delete"]}, "several things"),
        ({"@type": "Delete"}, "@type"),
        ({"object": {"id": f"{A}/2", "@id": f"{A}/3"}}, "@id"),
    ],
)
def test_what_is_no_activity(change: dict[str, Any], words: str) -> None:
    if change == {"type": None}:
        document = activity()
        del document["type"], document["object"]
    else:
        document = activity(**change)
    with pytest.raises(Malformed, match=re.escape(words)):
        parse_activity(document)


def test_unknown_verbs_need_both_ends() -> None:
    assert parse_activity(activity(type="ChooseAnswer")).type == "ChooseAnswer"
    with pytest.raises(Malformed, match="“actor” or “object” is missing"):
        parse_activity({"id": f"{A}/1", "type": "ChooseAnswer", "actor": f"{A}/u"})


def test_only_reports_and_announces_have_several_objects() -> None:
    report = parse_activity(activity(type="Flag", object=[f"{A}/2", f"{A}/3"]))
    assert isinstance(report, Flag)
    assert report.objects == (f"{A}/2", f"{A}/3")
    votes = [activity(id=f"{A}/{i}") for i in range(3)]
    batch = parse_activity(activity(type="Announce", object=votes))
    assert [vote.type for vote in batch.objects if isinstance(vote, Activity)] == ["Like"] * 3


def test_the_inner_activity_keeps_its_speaker() -> None:
    undo = parse_activity(activity(type="Undo", object=activity(actor=f"{A}/other")))
    assert isinstance(undo, Undo)
    assert isinstance(undo.object, Activity)
    assert (undo.actor, undo.object.actor) == (f"{A}/u", f"{A}/other")


_KEYS = st.sampled_from(
    [
        *("id", "type", "actor", "object", "to", "cc", "audience", "tag", "attachment", "url"),
        *("attributedTo", "inReplyTo", "content", "name", "contentMap", "source", "published"),
        *("language", "endpoints", "publicKey", "items", "orderedItems", "first", "target"),
        *("@context", "@id", "@type", "icon", "alsoKnownAs", "replies", "summary", "moderators"),
    ]
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from([*sorted(KNOWN), A, f"{A}/1", "as:Public", "as:Note", "@id", "", "x\u202e"]),
)
_DOCUMENTS = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=8,
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(_DOCUMENTS)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    for reader in (parse, parse_activity):
        try:
            reader(json.loads(json.dumps(document)))
        except Malformed:
            continue
