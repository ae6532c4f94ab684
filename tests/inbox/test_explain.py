"""What FedCoP would make of a document, in words: each rule by a small document of its own."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.vocab.activities import VERBS
from fedcop.inbox.explain.documents import explain
from fedcop.inbox.explain.files import LARGEST_FILE, explain_file
from fedcop.inbox.explain.outcomes import Explanation, Outcome
from fedcop.inbox.explain.verbs import RULES
from fedcop.inbox.verbs import HANDLERS
from fedcop.uris import PUBLIC
from fedcop.wiring import OBJECT_TYPES

HOME = "https://there.example"
ANNA, GROUP = f"{HOME}/u/anna", "https://forum.example/c/music"
POST, OURS = f"{HOME}/post/1", "https://here.example/post/2"
NOTE = {
    "id": POST,
    "type": "Note",
    "attributedTo": ANNA,
    "content": "<p>How do you tune a harp? I never learned it.</p>",
    "to": [PUBLIC],
    "audience": GROUP,
}
UNADDRESSED = {key: value for key, value in NOTE.items() if key != "to"}


def said(verb: str, thing: object, **more: object) -> dict[str, object]:
    document = {"id": f"{HOME}/a/1", "type": verb, "actor": ANNA, "object": thing}
    return {key: value for key, value in (document | more).items() if value is not None}


def announced(activity: object) -> dict[str, object]:
    return {"id": f"{GROUP}/a/2", "type": "Announce", "actor": GROUP, "object": activity}


def of(document: object) -> Explanation:
    return explain(orjson.dumps(document), OBJECT_TYPES)


PERSON = {"id": ANNA, "type": "Person", "inbox": f"{ANNA}/inbox"}
FOLLOW = said("Follow", GROUP)
LIKE = said("Like", OURS)

CASES: list[tuple[object, str, str]] = [
    (PERSON, "actor", "somebody who can speak"),
    (PERSON | {"type": "Group"}, "actor", "a community that people here can join"),
    (PERSON | {"inbox": None}, "refused", "“inbox” is missing"),
    (PERSON | {"id": None}, "refused", "“id” is missing"),
    (PERSON | {"inbox": "https://else.example/inbox"}, "refused", "“inbox” has to be on the host"),
    ({"type": "OrderedCollection", "orderedItems": [POST]}, "collection", "holds 1 things"),
    ({"type": "Tombstone", "id": POST}, "delivery-only", "What is left of a deleted post"),
    (NOTE, "post", "titled “How do you tune a harp?” from its text"),
    (NOTE | {"inReplyTo": OURS}, "reply", f"A Note that answers {OURS}"),
    (NOTE | {"audience": None}, "delivery-only", "without “inReplyTo” that names no community"),
    (NOTE | {"to": [GROUP]}, "delivery-only", "nobody here may see it"),
    (NOTE | {"id": None}, "refused", "“id” is missing"),
    (NOTE | {"attributedTo": None}, "refused", "“attributedTo” is missing"),
    (NOTE | {"attributedTo": "https://else.example/u/b"}, "refused", "not on the host of “id”"),
    (NOTE | {"content": ""}, "refused", "content: it says nothing"),
    (NOTE | {"type": "Place"}, "ignored", "Nothing here is made of a Place"),
    (
        NOTE | {"id": "http://there.example/post/1", "attributedTo": "http://there.example/u/anna"},
        "post",
        "not plain https",
    ),
    (said("Create", NOTE), "post", "starts a discussion"),
    (said("Create", NOTE | {"name": "Harps", "type": "Article"}), "post", "An Article that starts"),
    (said("Create", NOTE | {"inReplyTo": OURS}), "reply", "answers"),
    (said("Create", NOTE | {"type": "ChatMessage"}), "delivery-only", "made of a ChatMessage"),
    (said("Create", NOTE | {"to": []}), "delivery-only", "not public"),
    (said("Create", UNADDRESSED), "post", "starts a discussion"),
    (said("Create", UNADDRESSED | {"audience": None}), "delivery-only", "not public"),
    (said("Create", POST), "delivery-only", "in no community"),
    (said("Create", POST, audience=GROUP), "post", "fetched from there"),
    (said("Create", [POST, OURS]), "refused", "“object” has to be one thing"),
    (said("Create", NOTE | {"id": "https://else.example/1"}), "refused", "“object.id” is not on"),
    (said("Create", NOTE | {"attributedTo": f"{HOME}/c/b"}), "post", "if that is a group"),
    (said("Create", NOTE | {"attributedTo": GROUP}), "refused", "“object.attributedTo” is"),
    (said("Create", NOTE, id="https://else.example/a"), "refused", "“id” has to be on the host"),
    (said("Create", NOTE, id=None), "refused", "“id” is missing"),
    (said("Create", NOTE, actor=[ANNA, GROUP]), "refused", "“actor” has to be one id"),
    (said("Create", NOTE, actor=PERSON), "post", "starts a discussion"),
    (announced(said("Create", NOTE)), "post", f"{GROUP} announces it"),
    (announced(said("Create", NOTE | {"audience": f"{HOME}/c/b"})), "refused", "“audience”, “to”"),
    (announced(said("Create", NOTE, id=None)), "refused", "“object.id” is missing"),
    (announced(said("Create", None)), "refused", "“object.object” is missing"),
    (announced(said("Create", NOTE, actor=None)), "refused", "“object.actor” is missing"),
    (announced(said("Like", OURS, id="https://else.example/a")), "refused", "of “object.actor”"),
    (announced(announced(LIKE)), "delivery-only", "is not announced again"),
    (announced(said("Announce", OURS)), "delivery-only", "is not announced again"),
    (announced([LIKE, LIKE | {"id": f"{HOME}/a/3"}]), "vote", "2 activities in one message"),
    (announced([said("Create", [POST, OURS])]), "refused", "“object.id” is missing"),
    (announced([said("Like", OURS, id=None)] * 2), "delivery-only", "None of the activities"),
    (announced(POST), "delivery-only", "by anybody else it is a boost"),
    (announced([POST, OURS]), "delivery-only", "several posts at once"),
    (announced(NOTE), "post", "fetched from its own host"),
    (announced(NOTE | {"inReplyTo": OURS}), "reply", "fetched from its own host"),
    (announced(NOTE | {"to": []}), "delivery-only", "not public"),
    (announced(PERSON), "delivery-only", "never kept here: a Person"),
    (said("Update", PERSON), "actor", "read again from its own host"),
    (said("Update", NOTE), "post", "New words"),
    (said("Update", NOTE | {"inReplyTo": OURS}), "reply", "New words"),
    (said("Update", NOTE | {"to": []}), "delivery-only", "not public"),
    (said("Update", POST), "post", "fetched from there"),
    (said("Update", {"type": "Collection", "id": POST}), "delivery-only", "never kept here"),
    (said("Delete", ANNA), "actor", "An account that is gone"),
    (said("Delete", POST), "post", "is deleted"),
    (said("Delete", {"type": "Tombstone", "id": POST}), "post", "is deleted"),
    (said("Delete", NOTE | {"inReplyTo": OURS}), "reply", "is deleted"),
    (said("Delete", {"type": "Feed", "id": POST}), "delivery-only", "a Feed"),
    (said("Delete", POST, summary="spam"), "moderation", "A steward takes out"),
    (said("Delete", {"type": "Tombstone"}), "refused", "“object.id” is missing"),
    (LIKE, "vote", "A vote for"),
    (said("Dislike", OURS), "vote", "A vote against"),
    (said("EmojiReact", OURS, content="🎻"), "vote", "A vote for"),
    (FOLLOW, "membership", GROUP),
    (said("Accept", said("Follow", ANNA, actor=GROUP)), "membership", "The answer to a Follow"),
    (said("Reject", said("Follow", OURS, actor=GROUP)), "delivery-only", "not who answers it"),
    (said("Accept", OURS), "membership", "by its id alone"),
    (said("Accept", OURS, result=POST), "delivery-only", "for which nobody here asks"),
    (said("Accept", NOTE), "delivery-only", "of a Note, for which nobody here asks"),
    (said("Undo", FOLLOW), "membership", "It takes this back"),
    (said("Undo", LIKE), "vote", "It takes this back"),
    (said("Undo", f"{HOME}/a/9"), "vote", "an id alone"),
    (said("Undo", said("Announce", OURS)), "delivery-only", "An Announce taken back"),
    (said("Undo", said("Delete", POST)), "post", "gone for good"),
    (said("Undo", said("Delete", POST, summary="spam")), "moderation", "stands again"),
    (said("Undo", said("Lock", POST, actor=f"{HOME}/u/b")), "moderation", "No more replies"),
    (said("Undo", said("Like", POST, actor=f"{HOME}/u/b")), "refused", "“object.actor” is not"),
    (said("Add", ANNA, target=f"{GROUP}/moderators"), "moderation", "into the stewards"),
    (said("Remove", POST, target=f"{GROUP}/featured"), "moderation", "out of what is pinned"),
    (said("Add", POST, target=f"{ANNA}/featured"), "delivery-only", "on the profile"),
    (said("Add", POST, target=f"{GROUP}/wall"), "delivery-only", "only the stewards and"),
    (said("Add", POST), "refused", "“target” is missing"),
    (said("Lock", POST), "moderation", "No more replies"),
    (said("Block", OURS), "moderation", "keeps"),
    (said("Block", ANNA, target=GROUP, endTime="2021-02-03T00:00:00Z"), "moderation", "2021-02-03"),
    (said("Flag", [OURS, POST]), "moderation", "A report"),
    (said("Move", ANNA, target="https://new.example/u/anna"), "actor", "goes on as"),
    (said("Move", ANNA), "refused", "“target” is missing"),
    (said("Move", ANNA, target=ANNA), "refused", "“target” is “actor”"),
    (said("Move", POST, target=GROUP), "delivery-only", "something other"),
    (said("Listen", POST), "ignored", "“Listen” is a verb"),
    (said("Warn", POST), "ignored", "“Warn” is a verb"),
    (said("Like", OURS, id="SCRUBBED_ID"), "refused", "it would be: vote"),
    (said("Like", [], id="SCRUBBED_ID"), "refused", "“id” has to be"),
    ({"subject": "acct:a@b.example", "links": []}, "ignored", "WebFinger"),
    ({"links": [{"rel": "x", "href": HOME}]}, "ignored", "NodeInfo"),
    ({"software": {}, "protocols": []}, "ignored", "NodeInfo"),
    ({"@context": {"a": "b"}}, "ignored", "JSON-LD context"),
    ({"@context": [], "vocab": 1}, "refused", "“type” is missing"),
    ({"content": "hello"}, "refused", "“type” is missing"),
    ({"hello": ["world", {"a": 1}]}, "ignored", "Nothing in it is ActivityPub"),
    ({"type": ["Note", "Event"]}, "refused", "“type” says several things"),
    ({"type": "Note", "@graph": []}, "refused", "“@graph”"),
    ({"type": 7}, "refused", "“type” has to be a string"),
    ({"request": {"headers": {}, "body": LIKE}}, "vote", "In “request.body”"),
    ({"log": {"entries": [{"text": orjson.dumps(LIKE).decode()}]}}, "vote", "log.entries.0.text"),
    ({"both": [FOLLOW, LIKE]}, "membership", "the first of 2 documents"),
    ({"body": "{no json"}, "ignored", "Nothing in it"),
    (
        {"@type": "https://www.w3.org/ns/activitystreams#Note", "@id": POST},
        "refused",
        "attributedTo",
    ),
]


@pytest.mark.parametrize(("document", "outcome", "words"), CASES, ids=lambda value: str(value)[:40])
def test_each_rule(document: object, outcome: str, words: str) -> None:
    found = of(document)
    assert (found.outcome, words in found.reason) == (outcome, True), found
    assert found.reason.rstrip(")").endswith(".")


def test_expanded_json_ld_is_read() -> None:
    ns = "https://www.w3.org/ns/activitystreams#"
    like = {
        "@id": f"{HOME}/a/1",
        "@type": [f"{ns}Like"],
        f"{ns}actor": [{"@id": ANNA}],
        f"{ns}object": [{"@id": OURS}],
    }
    (found,) = explain_file(orjson.dumps([like]), OBJECT_TYPES)
    assert found.outcome == "vote"


def test_the_table_is_the_inboxs_own() -> None:
    assert set(RULES) == HANDLERS.verbs
    unhandled = set(VERBS.values()) - HANDLERS.verbs
    assert {of(said(verb.__name__, POST)).outcome for verb in unhandled} == {"ignored"}


def test_the_types_are_told_from_the_outside_in() -> None:
    assert of(announced(said("Create", NOTE))).type == "Announce/Create/Note"
    assert of({"type": ["Note", "x:Y"]}).type == "Note,x:Y"


@pytest.mark.parametrize(
    ("body", "outcomes", "words"),
    [
        (b"", ["refused"], "not valid JSON"),
        (b"no json", ["refused"], "not valid JSON"),
        (b'{"a": NaN}', ["refused"], "not valid JSON"),
        (b'{"type": "Note", "type": "Note"}', ["refused"], "the same key twice"),
        (b'{"type": "\\ud800"}', ["refused"], "not valid JSON"),
        (b"\xef\xbb\xbf{}", ["refused"], "byte order mark"),
        ("{}".encode("utf-16"), ["refused"], "UTF-16"),
        (b"\xff\xff\xff", ["refused"], "not valid JSON"),
        (b"[" * 100_000, ["refused"], "not valid JSON"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, ["refused"], "nested deeper"),
        (b'[{"a":' + b'{"a":' * 300 + b"1" + b"}" * 301 + b"]", ["refused"], "Recursion"),
        (b'"a string"', ["refused"], "an object at its top"),
        (b"[]", ["ignored"], "An empty array"),
        (b"[1, {}]", ["refused", "ignored"], "Item 2 of 2"),
        (b'{"type": "Listen"}\n\n{"a": 1}\n', ["refused", "ignored"], "Item 2 of 2"),
        (b" " * (LARGEST_FILE + 1), ["refused"], "64 MiB"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bytes_that_are_no_document(body: bytes, outcomes: list[str], words: str) -> None:
    found = list(explain_file(body, OBJECT_TYPES))
    assert [one.outcome for one in found] == outcomes
    assert words in found[-1].reason


def test_what_is_too_large_to_be_sent() -> None:
    found = of(said("Like", OURS, content=["x" * 500_000] * 3))
    assert (found.outcome, "1,048,576 bytes" in found.reason) == ("refused", True)


_ids = st.sampled_from([ANNA, GROUP, POST, OURS, PUBLIC, HOME, "SCRUBBED_ID", "", "http://[", "\0"])
_types = st.sampled_from(
    [*VERBS, "Note", "Page", "Person", "Group", "Tombstone", "Collection", "Q"]
)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats()
    | st.text(max_size=9)
    | _ids,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.fixed_dictionaries(
            {},
            optional={
                **dict.fromkeys(("id", "actor", "object", "target", "attributedTo"), _ids | inner),
                **{key: st.lists(_ids, max_size=2) | inner for key in ("to", "cc", "audience")},
                **dict.fromkeys(("inReplyTo", "inbox", "items", "first", "@id"), _ids | inner),
                **dict.fromkeys(
                    ("@context", "content", "name", "summary", "tag", "endTime"), inner
                ),
                "type": _types | inner,
                "@type": _types | inner,
            },
        )
    ),
    max_leaves=12,
)


@settings(max_examples=400)
@given(document=_values)
def test_whatever_comes_has_an_outcome(document: object) -> None:
    try:
        body = orjson.dumps(document)
    except orjson.JSONEncodeError:
        body = repr(document).encode(errors="surrogatepass")
    for found in explain_file(body, OBJECT_TYPES):
        assert found.outcome in Outcome
        assert found.reason


_SHAPES = [document for document, _, _ in CASES if isinstance(document, dict)]


@settings(max_examples=400)
@given(data=st.data())
def test_nor_does_a_real_shape_with_one_thing_changed(data: st.DataObject) -> None:
    document = orjson.loads(orjson.dumps(data.draw(st.sampled_from(_SHAPES))))
    at = document
    while True:
        key = data.draw(st.sampled_from(sorted(at)))
        if not isinstance(at[key], dict) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    change = data.draw(st.sampled_from(["remove", "wrap", "replace"]))
    if change == "remove":
        del at[key]
    elif change == "wrap":
        at[key] = [at[key], at[key]]
    else:
        at[key] = data.draw(_values)
    try:
        body = orjson.dumps(document)
    except orjson.JSONEncodeError:
        return
    assert [one.outcome in Outcome for one in explain_file(body, OBJECT_TYPES)]


@given(body=st.binary(max_size=60))
def test_nor_do_any_bytes(body: bytes) -> None:
    assert [one.reason != "" for one in explain_file(body, OBJECT_TYPES)]
