"""The laboratory holds what it promises: a real server among our hosts, and none else."""

import asyncio

import pytest

from fedcop.errors import Unreachable
from fedcop.net.client import Client
from tests.lab.names import Asked
from tests.lab.serve import LEDGER, NAMES
from tests.lab.server import Lab, LabServer
from tests.lab.wires import LabTransport, Ledger

pytestmark = pytest.mark.anyio


async def test_a_server_starts_is_killed_and_starts_again_on_its_port(tmp_path):
    lab = Lab(tmp_path)
    server = LabServer(lab, "local.test")
    await server.start()
    try:
        async with server.client() as client:
            page = await client.get("/about", headers={"Accept": "text/html"})
            assert page.status_code == 200
            document = await client.get("/", headers={"Accept": "application/activity+json"})
            assert document.json()["id"] == "https://local.test/"
        before = server.port
        await server.kill()
        assert not server.is_running
        await server.start()
        assert server.port == before
        async with server.client() as client:
            assert (await client.get("/about")).status_code == 200
    finally:
        assert await server.stop() == 0


async def _hello(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    await writer.drain()
    writer.close()


async def test_its_way_out_leads_to_our_hosts_and_nowhere_else(tmp_path):
    lab = Lab(tmp_path)
    ours = await asyncio.start_server(_hello, "127.0.0.1", 0)
    port = ours.sockets[0].getsockname()[1]
    lab.names.point("peer.test:8080", port)
    lab.names.answer("rebind.test:8080", [f"127.0.0.1:{port}"], ["127.0.0.1"])
    lab.names.answer("public.test", ["93.184.216.34"])
    wires = LabTransport(Asked(tmp_path / NAMES), Ledger(tmp_path / LEDGER))
    client = Client(wires, user_agent="lab")
    async with ours:
        answer = await client.send("GET", "http://peer.test:8080/", {})
        assert answer.body == b"hello"
        for url in (
            "http://nobody.test/",
            "http://public.test/",
            f"http://127.0.0.2:{port}/",
            "http://[::1]/",
        ):
            with pytest.raises(Unreachable):
                await client.send("GET", url, {})
        await client.aclose()
    kinds = [(entry["kind"], entry.get("ours")) for entry in lab.ledger()]
    assert kinds == [
        ("look-up", None),
        ("connect", True),
        ("look-up", None),
        ("look-up", None),
        ("connect", False),
        ("refused", None),
        ("refused", None),
    ]
