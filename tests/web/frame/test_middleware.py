"""What is done to every request."""

import httpx
import pytest
from sample_site import Site, make_site, visit

from fedcop.web.middleware import CSP, MAX_BODY

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/fail/gone", "/fail/unexpected", "/no/such", "/healthz"])
async def test_security_headers_are_on_every_answer(ask: httpx.AsyncClient, path: str) -> None:
    headers = (await ask.get(path)).headers
    assert headers["content-security-policy"] == CSP
    assert "unsafe" not in CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")


async def test_no_hsts_in_development() -> None:
    async with visit(make_site(development=True)) as client:
        assert "strict-transport-security" not in (await client.get("/")).headers


async def test_a_body_at_the_limit_is_taken(ask: httpx.AsyncClient) -> None:
    answer = await ask.post("/body", content=b"x" * MAX_BODY)
    assert answer.text == str(MAX_BODY)


@pytest.mark.parametrize("form", ["text/html", "application/activity+json"])
async def test_a_body_declared_too_large_is_refused(ask: httpx.AsyncClient, form: str) -> None:
    answer = await ask.post("/body", content=b"x" * (MAX_BODY + 1), headers={"Accept": form})
    assert answer.status_code == 413
    assert f"{MAX_BODY:,}" in answer.text


async def test_a_body_that_grows_too_large_is_refused(ask: httpx.AsyncClient) -> None:
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1 << 16
            yield b"x" * (1 << 16)

    answer = await ask.post("/body", content=endless())
    assert answer.status_code == 413
    assert sent <= MAX_BODY + (2 << 16)


async def test_a_form_that_is_too_large_is_refused(ask: httpx.AsyncClient) -> None:
    async def pieces():
        yield b"title="
        for _ in range(40):
            yield b"x" * (1 << 16)

    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await ask.post("/sample/form", content=pieces(), headers=sent)).status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "", "rivers.example.evil.example", "127.0.0.1"])
async def test_other_hosts_are_misdirected(ask: httpx.AsyncClient, host: str) -> None:
    answer = await ask.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "https://rivers.example/" in answer.text
    assert (await ask.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["rivers.example", "RIVERS.example", "rivers.example:443"])
async def test_our_own_host_in_any_spelling(ask: httpx.AsyncClient, host: str) -> None:
    assert (await ask.get("/", headers={"Host": host})).status_code == 200


async def test_pages_are_compressed(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/", headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert int(answer.headers["content-length"]) < 14_000


async def test_each_request_is_numbered_logged_and_counted(
    site: Site, ask: httpx.AsyncClient, logged: list[dict[str, object]]
) -> None:
    first = (await ask.get("/healthz")).headers["x-request-id"]
    second = (await ask.request("BREW", "/healthz?secret=1")).headers["x-request-id"]
    assert first != second
    assert [line["request"] for line in logged] == [first, second]
    assert [line["status"] for line in logged] == [200, 405]
    assert "secret=1" not in str(logged)
    text = site.metrics.text().decode()
    assert 'fedcop_requests_total{method="GET",status="200"} 1.0' in text
    assert 'fedcop_requests_total{method="other",status="405"} 1.0' in text
    assert "fedcop_request_seconds_count 2.0" in text
