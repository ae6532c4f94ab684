"""Foreign JSON-LD: what is compacted, what is refused, and that nothing is loaded."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from fedcop.activitypub import jsonld
from fedcop.activitypub.parse import parse, parse_activity
from fedcop.activitypub.vocab.activities import Create, Follow
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.write import ACTOR_CONTEXT, CONTEXT, PROOF_CONTEXT
from fedcop.errors import Malformed
from fedcop.uris import PUBLIC

AS = "https://www.w3.org/ns/activitystreams#"
URL = "https://www.w3.org/ns/activitystreams"
A = "https://a.example"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("JSON-LD must not reach for the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def expanded() -> dict[str, Any]:
    return {
        "@id": f"{A}/1",
        "@type": [f"{AS}Create"],
        f"{AS}actor": [{"@id": f"{A}/u"}],
        f"{AS}to": [{"@id": PUBLIC}],
        f"{AS}published": [
            {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": "2026-01-01T00:00:00Z"}
        ],
        f"{AS}object": [
            {
                "@id": f"{A}/2",
                "@type": [f"{AS}Note"],
                f"{AS}attributedTo": [{"@id": f"{A}/u"}],
                f"{AS}content": [{"@value": "<p>Hallo</p>", "@language": "de"}],
            }
        ],
    }


def test_an_expanded_document_is_read() -> None:
    activity = parse_activity(expanded())
    assert isinstance(activity, Create)
    assert (activity.id, activity.actor, activity.to) == (f"{A}/1", f"{A}/u", (PUBLIC,))
    assert activity.published is not None
    assert isinstance(activity.object, Object)
    assert (activity.object.content, activity.object.language) == ("<p>Hallo</p>", "de")
    assert activity.object.author == f"{A}/u"


@pytest.mark.parametrize(
    "document",
    [
        {
            "@context": {"as": AS},
            "@id": f"{A}/1",
            "@type": "as:Follow",
            "as:actor": {"@id": f"{A}/u"},
            "as:object": {"@id": f"{A}/c"},
        },
        {
            "@context": [URL, {"who": {"@id": "as:actor", "@type": "@id"}}],
            "id": f"{A}/1",
            "type": "Follow",
            "who": f"{A}/u",
            "object": f"{A}/c",
        },
        {
            "@context": [f"{URL}#", {"who": {"@id": f"{AS}actor", "@type": "@id"}, "uri": "@id"}],
            "uri": f"{A}/1",
            "type": f"{AS}Follow",
            "who": f"{A}/u",
            "object": f"{A}/c",
        },
    ],
)
def test_other_words_for_the_same(document: dict[str, Any]) -> None:
    assert jsonld.needs_compaction(document)
    activity = parse_activity(document)
    assert isinstance(activity, Follow)
    assert (activity.id, activity.actor, activity.object) == (f"{A}/1", f"{A}/u", f"{A}/c")


@pytest.mark.parametrize(
    "context",
    [
        None,
        URL,
        "http://www.w3.org/ns/activitystreams",
        list(CONTEXT),
        list(ACTOR_CONTEXT),
        list(PROOF_CONTEXT),
        ["https://fedia.example/contexts"],
        [URL, {"expires": "as:endTime", "sensitive": "as:sensitive", "id": "@id", "@vocab": "_:"}],
        [URL, {"object": {"@id": "as:object", "@type": "@id"}, "actor": f"{AS}actor"}],
    ],
)
def test_plain_documents_stay_plain(context: object) -> None:
    document = {"@context": context, "id": f"{A}/1", "type": "Like", "actor": A, "object": A}
    assert not jsonld.needs_compaction(document)
    assert parse(document).raw is document


def test_swapped_terms_do_not_swap_the_speaker() -> None:
    document = {
        "@context": [URL, {"actor": {"@id": "as:object", "@type": "@id"}}],
        "id": f"{A}/1",
        "type": "Follow",
        "actor": f"{A}/victim",
        "object": f"{A}/c",
    }
    with pytest.raises(Malformed, match="actor"):
        parse_activity(document)


def deep(levels: int) -> dict[str, Any]:
    document = expanded()
    inner: Any = "x"
    for _ in range(levels):
        inner = {f"{AS}tag": inner}
    return document | {f"{AS}tag": inner}


REFUSED: dict[str, dict[str, Any]] = {
    "a context elsewhere": {"@context": "https://evil.example/context"},
    "a file": {"@context": "file:///etc/passwd"},
    "imports": {"@context": {"@import": "https://evil.example/context"}},
    "a graph": {"@graph": [expanded()]},
    "an alias of a graph": {"@context": {"g": "@graph"}, "g": []},
    "included": {"@included": [expanded()]},
    "reverse": {"@context": {"by": {"@reverse": f"{AS}actor"}}},
    "scoped": {"@context": {"t": {"@id": f"{AS}tag", "@context": {"t": "x:y"}}}},
    "many contexts": {"@context": [{}] * (jsonld.MAX_CONTEXTS + 1)},
    "many terms": {"@context": {f"t{i}": f"x:{i}" for i in range(jsonld.MAX_TERMS + 1)}},
    "many members": {f"{AS}tag": ["x"] * jsonld.MAX_MEMBERS},
    "many bytes": {f"{AS}content": "x" * jsonld.MAX_BYTES},
    "depth": deep(jsonld.MAX_DEPTH),
    "a cycle": {"@context": {"a": "b:x", "b": "a:x"}, "a": "1"},
    "a nonsense context": {"@context": {"a": {"@id": 7}}},
    "a wrong id": {"@id": 7},
    "both ids": {"@context": {"id": "@id"}, "id": f"{A}/other"},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_refuses(change: dict[str, Any]) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        jsonld.compact(expanded() | change)
    assert time.process_time() - started < 0.5


def test_several_objects_are_not_one() -> None:
    with pytest.raises(Malformed):
        jsonld.compact({"@context": {"s": "@set"}, "s": []} | {"@type": "@json", "@value": 1})


def test_the_largest_that_is_read_is_read_soon() -> None:
    document = expanded()
    document["@context"] = {f"t{i}": f"{AS}t{i}" for i in range(jsonld.MAX_TERMS)}
    document |= {f"t{i}": {"t1": [i] * 5} for i in range(jsonld.MAX_TERMS)}
    started = time.process_time()
    jsonld.compact(document)
    assert time.process_time() - started < 2


SOURCES = {
    "activitystreams": "fedify-fixture__www.w3.org__ns__activitystreams.json",
    "security-v1": "fedify-fixture__w3id.org__security__v1.json",
    "data-integrity-v1": "fedify-fixture__w3id.org__security__data-integrity__v1.json",
    "data-integrity-v2": "fedify-fixture__w3id.org__security__data-integrity__v2.json",
    "multikey-v1": "fedify-fixture__w3id.org__security__multikey__v1.json",
    "joinmastodon": "joinmastodon.json",
    "lemmy": "join-lemmy.json",
    "litepub": "x__litepub-0.1.json",
    "webfinger": "webfinger.json",
}
PREFIXES = {
    "as": AS,
    "sec": "https://w3id.org/security#",
    "dc": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def terms(context: Any) -> dict[str, Any]:
    """Each term with its full IRI and its coercion; prefixes and keywords left out."""
    found: dict[str, Any] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, str):
            continue
        names = PREFIXES | {k: v for k, v in part.items() if isinstance(v, str)}
        for term, meaning in part.items():
            value = meaning if isinstance(meaning, dict) else {"@id": meaning}
            whole = {key: full(item, names) for key, item in value.items() if isinstance(item, str)}
            is_prefix = str(whole.get("@id", "")).endswith(("#", "/"))
            if not term.startswith("@") and not is_prefix:
                found[term] = whole
    return found


def full(value: str, names: dict[str, str]) -> str:
    prefix, colon, rest = value.partition(":")
    return names[prefix] + rest if colon and prefix in names else value


@pytest.mark.parametrize(("name", "source"), SOURCES.items())
def test_contexts_say_what_the_published_ones_say(name: str, source: str, shared: Path) -> None:
    folder = Path(jsonld.__file__).parent / "contexts"
    ours = terms(json.loads((folder / f"{name}.json").read_text())["@context"])
    published = terms(json.loads((shared / "contexts" / source).read_text())["@context"])
    assert ours == published
