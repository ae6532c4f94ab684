"""Redirects are followed by hand, and each target is checked like the first URL."""

from typing import Any

import httpx
import pytest

from fedcop.errors import FedcopError, Malformed
from fedcop.net.client import Answer, Client
from fedcop.net.redirects import follow, redirect_target

pytestmark = pytest.mark.anyio


def _answer(status: int, location: str | None, url: str = "https://a.example/x/y") -> Answer:
    return Answer(status, {} if location is None else {"location": location}, b"", url)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://b.example/z", "https://b.example/z"),
        ("/z", "https://a.example/z"),
        ("z?q=1#frag", "https://a.example/x/z?q=1"),
        ("//b.example/z", "https://b.example/z"),
        ("../z", "https://a.example/z"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_where_a_redirect_leads(status: int, location: str, target: str) -> None:
    assert redirect_target(_answer(status, location)) == target


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "http://a.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://a.example:8443/",
        "https://x@a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://[::1/",
        "https://a.example/\r\nX: y",
    ],
)
def test_it_leads_nowhere_that_we_do_not_go(location: str | None) -> None:
    with pytest.raises(Malformed):
        redirect_target(_answer(302, location))


@pytest.mark.parametrize("status", [200, 300, 304, 404])
def test_other_answers_lead_nowhere(status: int) -> None:
    assert redirect_target(_answer(status, "https://b.example/")) is None


async def test_three_hops_and_not_four() -> None:
    asked: list[str] = []

    async def ask(url: str) -> Answer:
        asked.append(url)
        number = int(url[-1])
        return _answer(302, f"/{number - 1}", url) if number else _answer(200, None, url)

    assert (await follow(ask, "https://a.example/3")).url == "https://a.example/0"
    assert len(asked) == 4
    asked.clear()
    with pytest.raises(Malformed):
        await follow(ask, "https://a.example/4")
    assert len(asked) == 4


async def test_a_loop_ends() -> None:
    async def ask(url: str) -> Answer:
        return _answer(302, url, url)

    with pytest.raises(Malformed):
        await follow(ask, "https://a.example/")


async def test_a_redirect_to_a_private_place_ends_before_it(
    serve: Any, answering: Any, guarded: Any
) -> None:
    """By the URL in production; in development, where addresses are URLs, by the gate."""
    inner = await serve(answering(body=b"secret"))
    gate = guarded()

    def outer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": inner.url("/latest/meta-data")})

    class Both(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return (
                outer(request)
                if request.url.host == "a.example"
                else await gate.handle_async_request(request)
            )

    client = Client(Both(), user_agent="x")
    for development in (False, True):
        with pytest.raises(FedcopError) as caught:
            await follow(
                lambda url: client.send("GET", url, {}),
                "https://a.example/",
                development=development,
            )
        assert type(caught.value).__name__ == ("Unreachable" if development else "Malformed")
    assert inner.connections == 0
