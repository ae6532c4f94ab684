"""The server's wire is loaded once, for whatever goes out first, and has the same gate."""

import asyncio
from typing import Any

import httpx
import pytest

from fedcop.net import way_out
from fedcop.net.client import Client
from fedcop.net.way_out import WayOut

pytestmark = pytest.mark.anyio


async def test_it_is_loaded_once_for_all_who_wait(
    serve: Any, answering: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = await serve(answering(status="202 Accepted"))
    loaded: list[str] = []
    load = way_out.import_module

    def noting(name: str) -> object:
        loaded.append(name)
        return load(name)

    monkeypatch.setattr(way_out, "import_module", noting)
    wire = WayOut(allow_private=True)
    client = Client(wire, user_agent="FedCoP/test")
    end = asyncio.get_running_loop().time() + 10
    posted, asked, *_ = await asyncio.gather(
        client.deliver(peer.url("/inbox"), lambda: {"Host": "peer.example"}, b"{}", end),
        client.send("GET", peer.url("/actor"), {}),
        *(client.send("GET", peer.url("/more"), {}) for _ in range(3)),
    )
    assert (posted.status, asked.status) == (202, 202)
    assert len(peer.requests) == 5
    assert loaded == ["fedcop.net.transport"]
    await client.aclose()


async def test_it_connects_to_no_private_address(serve: Any, answering: Any, get: Any) -> None:
    peer = await serve(answering())
    wire = WayOut()
    with pytest.raises(httpx.ConnectError):
        await wire.handle_async_request(get(peer.url()))
    assert peer.connections == 0
    await wire.aclose()


async def test_what_never_went_out_is_closed() -> None:
    await WayOut().aclose()
