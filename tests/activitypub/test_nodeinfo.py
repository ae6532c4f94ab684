"""NodeInfo as its schema and Lemmy want it, and what others say they run."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import orjson
import pytest

from fedcop.activitypub.nodeinfo import Software, document, fetch, host_meta, links
from fedcop.errors import Unreachable
from fedcop.net.client import Client

pytestmark = pytest.mark.anyio

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
INDEX = "https://a.example/.well-known/nodeinfo"
_TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def _check(value: Any, schema: dict[str, Any], at: str = "$") -> None:
    """As much of JSON Schema as the schemas of NodeInfo use."""
    unknown = set(schema) - {
        "$schema",
        "id",
        "description",
        "type",
        "additionalProperties",
        "required",
        "properties",
        "enum",
        "pattern",
        "items",
        "minItems",
        "minimum",
        "minProperties",
    }
    assert not unknown, unknown
    if "type" in schema:
        assert type(value) is _TYPES[schema["type"]], at
    if "enum" in schema:
        assert value in schema["enum"], at
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), at
    if isinstance(value, int):
        assert value >= schema.get("minimum", value), at
    if isinstance(value, list):
        assert len(value) >= schema.get("minItems", 0), at
        for item in value:
            _check(item, schema["items"], f"{at}[]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), at
        assert schema["additionalProperties"] or set(value) <= set(known), at
        for name, part in value.items():
            _check(part, known.get(name, {}), f"{at}.{name}")


def test_our_document_is_as_its_schema_says(shared: Path) -> None:
    folder = shared / "client-api" / "nodeinfo-schemas" / "2.1"
    schema = orjson.loads((folder / "schema.json").read_bytes())
    _check(orjson.loads((folder / "example.json").read_bytes()), schema)
    found = document("0.1.0", 12, 340, 5600, True)
    _check(found, schema)
    with pytest.raises(AssertionError):
        _check(found | {"extra": 1}, schema)
    with pytest.raises(AssertionError):
        _check(document("0.1.0", -1, 0, 0, False), schema)


def test_our_document() -> None:
    found = document("0.1.0", 12, 340, 5600, False)
    assert found["software"] == {"name": "fedcop", "version": "0.1.0"}
    assert found["usage"] == {"users": {"total": 12}, "localPosts": 340, "localComments": 5600}
    assert found["openRegistrations"] is False
    assert all(isinstance(value, str) for value in found["metadata"].values())


def test_where_ours_is() -> None:
    assert links("https://cop.example") == {
        "links": [{"rel": f"{SCHEMA}2.1", "href": "https://cop.example/nodeinfo/2.1"}]
    }
    root = ET.fromstring(host_meta("https://cop.example"))
    [link] = root
    assert link.tag == "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"
    assert link.attrib["rel"] == "lrdd"
    assert link.attrib["template"] == ("https://cop.example/.well-known/webfinger?resource={uri}")


def _client(pages: dict[str, httpx.Response], asked: list[str] | None = None) -> Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(str(request.url))
        return pages.get(str(request.url), httpx.Response(404))

    return Client(httpx.MockTransport(answer), user_agent="x")


def _json(body: object) -> httpx.Response:
    return httpx.Response(200, content=orjson.dumps(body))


def _index(**versions: str) -> httpx.Response:
    return _json(
        {
            "links": [
                {"rel": f"{SCHEMA}{version[1:].replace('_', '.')}", "href": href}
                for version, href in versions.items()
            ]
        }
    )


INFO = {"version": "2.0", "software": {"name": "Lemmy", "version": "1.0.0"}}


async def test_what_another_server_runs() -> None:
    asked: list[str] = []
    pages = {
        INDEX: _index(v2_0="https://a.example/n/2.0", v2_1="https://a.example/n/2.1"),
        "https://a.example/n/2.1": _json(INFO),
    }
    assert await fetch(_client(pages, asked), "a.example") == Software("lemmy", "1.0.0")
    assert asked == [INDEX, "https://a.example/n/2.1"]


async def test_a_server_of_development() -> None:
    pages = {
        "http://b.localhost:8002/.well-known/nodeinfo": _index(
            v2_0="http://b.localhost:8002/nodeinfo/2.0"
        ),
        "http://b.localhost:8002/nodeinfo/2.0": _json(INFO),
    }
    found = await fetch(_client(pages), "b.localhost:8002", development=True)
    assert found == Software("lemmy", "1.0.0")


@pytest.mark.parametrize("version", [None, 7, []])
async def test_a_version_may_be_missing(version: object) -> None:
    software = {"name": " Mastodon ", "version": version}
    pages = {
        INDEX: _index(v1_0="https://a.example/n"),
        "https://a.example/n": _json({"software": software}),
    }
    assert await fetch(_client(pages), "a.example") == Software("mastodon", "")


@pytest.mark.parametrize(
    "index",
    [
        httpx.Response(404),
        httpx.Response(500),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"x" * 70_000),
        httpx.Response(302, headers={"Location": "https://127.0.0.1/"}),
        _json({}),
        _json({"links": 7}),
        _json({"links": ["x", {}, {"rel": 7, "href": "x"}, {"rel": f"{SCHEMA}2.0", "href": 7}]}),
        _index(v9_9="https://a.example/n"),
        _index(v2_0="http://a.example/n"),
        _index(v2_0="https://10.0.0.1/n"),
        _index(v2_0="/nodeinfo/2.0"),
    ],
)
async def test_an_index_that_leads_nowhere(index: httpx.Response) -> None:
    asked: list[str] = []
    assert await fetch(_client({INDEX: index}, asked), "a.example") is None
    assert asked == [INDEX]


@pytest.mark.parametrize(
    "info",
    [
        httpx.Response(404),
        httpx.Response(200, content=b"[]"),
        _json({}),
        _json({"software": "x"}),
        _json({"software": {}}),
        _json({"software": {"name": 7}}),
        _json({"software": {"name": " "}}),
        _json({"software": {"name": "x" * 200}}),
    ],
)
async def test_a_document_that_says_nothing(info: httpx.Response) -> None:
    pages = {INDEX: _index(v2_0="https://a.example/n"), "https://a.example/n": info}
    assert await fetch(_client(pages), "a.example") is None


async def test_a_server_that_does_not_answer() -> None:
    def nobody(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody")

    with pytest.raises(Unreachable):
        await fetch(Client(httpx.MockTransport(nobody), user_agent="x"), "a.example")
