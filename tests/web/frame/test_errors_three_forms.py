"""Every error as a page, as ActivityPub JSON and as plain JSON."""

import httpx
import pytest
from sample_pages import FAILURES
from sample_site import Site, visit

pytestmark = pytest.mark.anyio

STATUS = {
    "invalid": 422,
    "notallowed": 403,
    "notfound": 404,
    "gone": 410,
    "conflict": 409,
    "toomany": 429,
    "malformed": 400,
    "toolarge": 413,
    "unproved": 401,
    "busy": 503,
    "unexpected": 503,
}


def test_each_failure_has_its_status() -> None:
    assert STATUS.keys() == FAILURES.keys()


@pytest.mark.parametrize("how", STATUS)
async def test_as_a_page(ask: httpx.AsyncClient, how: str) -> None:
    answer = await ask.get(f"/fail/{how}")
    assert answer.status_code == STATUS[how]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.count("<h1>") == 1
    assert answer.text.count('class="btn primary"') == 1
    assert str(FAILURES[how]) in answer.text or how == "unexpected"


@pytest.mark.parametrize("how", STATUS)
async def test_as_activitypub(ask: httpx.AsyncClient, how: str) -> None:
    answer = await ask.get(f"/fail/{how}", headers={"Accept": "application/activity+json"})
    assert answer.status_code == (400 if how == "invalid" else STATUS[how])
    assert answer.headers["content-type"] == "application/activity+json"
    assert answer.json()["error"]


@pytest.mark.parametrize("how", STATUS)
async def test_as_plain_json(ask: httpx.AsyncClient, how: str) -> None:
    answer = await ask.get(f"/fail/{how}", headers={"Accept": "application/json"})
    assert answer.status_code == STATUS[how]
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"]


async def test_what_was_sent_tells_the_form_where_nothing_is_accepted(
    ask: httpx.AsyncClient,
) -> None:
    sent = {"Content-Type": "application/activity+json", "Accept": "*/*"}
    answer = await ask.post("/fail/unproved", headers=sent, content=b"{}")
    assert answer.json() == {"error": "No signature."}
    assert answer.headers["www-authenticate"] == "Signature"


async def test_words_for_each_field(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/fail/invalid", headers={"Accept": "application/json"})
    assert answer.json()["details"] == {"title": "A title is needed."}


async def test_when_to_come_back(ask: httpx.AsyncClient) -> None:
    assert (await ask.get("/fail/toomany")).headers["retry-after"] == "17"
    assert (await ask.get("/fail/busy")).headers["retry-after"] == "9"
    assert "in 17 seconds" in (await ask.get("/fail/toomany")).text
    assert "retry-after" not in (await ask.get("/fail/gone")).headers


@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/activity+json"])
async def test_a_mistake_of_ours_passes_and_tells_nothing(
    ask: httpx.AsyncClient, accept: str, logged: list[dict[str, object]]
) -> None:
    answer = await ask.get("/fail/unexpected", headers={"Accept": accept})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    number = answer.headers["x-request-id"]
    assert number in answer.text
    assert "secret detail" not in answer.text
    assert [line["event"] for line in logged] == ["unexpected", "request"]
    assert all(line["request"] == number for line in logged)
    assert logged[0]["exc_info"]


async def test_even_if_the_error_page_is_broken(
    ask: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no template")

    monkeypatch.setattr("fedcop.web.middleware.unexpected", broken)
    answer = await ask.get("/fail/unexpected")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


async def test_unknown_paths_and_methods(ask: httpx.AsyncClient) -> None:
    assert (await ask.get("/no/such/thing")).status_code == 404
    answer = await ask.request("DELETE", "/sample/thread")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert (await ask.request("BREW", "/sample/thread")).status_code == 405


async def test_words_are_escaped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAILURES, "conflict", ValueError("unused"))
    async with visit(site) as client:
        answer = await client.get("/<script>alert(1)</script>")
        assert "<script>alert" not in answer.text
