"""WebFinger, NodeInfo and host-meta."""

import json

import pytest

pytestmark = pytest.mark.anyio
SELF = "self"


def _self(answer) -> tuple[str, str]:
    link = next(link for link in answer.json()["links"] if link["rel"] == SELF)
    return link["href"], link["properties"]["https://www.w3.org/ns/activitystreams#type"]


@pytest.mark.parametrize(
    ("resource", "subject", "href", "type"),
    [
        ("acct:ada@red.test", "ada", "/u/ada", "Person"),
        ("acct:ADA@Red.Test", "ada", "/u/ada", "Person"),
        ("@ada@red.test", "ada", "/u/ada", "Person"),
        ("acct:gardeners@red.test", "gardeners", "/c/gardeners", "Group"),
        ("!gardeners@red.test", "gardeners", "/c/gardeners", "Group"),
        ("https://red.test/u/ada", "ada", "/u/ada", "Person"),
        ("https://red.test/@ada", "ada", "/u/ada", "Person"),
        ("https://red.test/c/gardeners", "gardeners", "/c/gardeners", "Group"),
        ("acct:red.test@red.test", "red.test", "/", "Application"),
        ("https://red.test/", "red.test", "/", "Application"),
    ],
)
async def test_webfinger_finds(door, resource, subject, href, type):
    answer = await door.http.get("/.well-known/webfinger", params={"resource": resource})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jrd+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["subject"] == f"acct:{subject}@red.test"
    assert _self(answer) == (f"https://red.test{href}", type)


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@red.test",
        "acct:ada@other.test",
        "https://other.test/u/ada",
        "https://red.test/u/nobody",
        "https://red.test/u/ada/outbox",
        "https://red.test/post/1",
        "https://red.test/explore",
        "acct:ada@red.test@red.test",
        "mailto:ada@red.test",
        "\x00",
        "%00%ff",
        "x" * 5_000,
    ],
)
async def test_webfinger_answers_nobody_with_nothing(door, resource):
    answer = await door.http.get("/.well-known/webfinger", params={"resource": resource})
    assert (answer.status_code, answer.content) == (404, b"")


async def test_webfinger_wants_a_resource(door):
    assert (await door.http.get("/.well-known/webfinger")).status_code == 400


async def test_nodeinfo_is_what_the_schema_asks_for(door):
    links = (await door.http.get("/.well-known/nodeinfo")).json()["links"]
    assert [link["rel"] for link in links] == ["http://nodeinfo.diaspora.software/ns/schema/2.1"]
    answer = await door.http.get(links[0]["href"])
    assert answer.headers["content-type"] == (
        'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"'
    )
    document = json.loads(answer.content)
    assert document["version"] == "2.1"
    assert document["software"]["name"] == "fedcop"
    assert document["protocols"] == ["activitypub"]
    assert document["usage"] == {"users": {"total": 1}, "localPosts": 1, "localComments": 1}
    assert all(isinstance(value, str) for value in document["metadata"].values())


async def test_host_meta_leads_to_webfinger(door):
    answer = await door.http.get("/.well-known/host-meta")
    assert answer.headers["content-type"].startswith("application/xrd+xml")
    assert "https://red.test/.well-known/webfinger?resource={uri}" in answer.text
