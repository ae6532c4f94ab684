"""Whether the server says truly how it is."""

import asyncio

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_it_lives_whatever_else_is(own_door):
    await own_door.server.house.app.db.close()
    answer = await own_door.http.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_it_is_ready_once_its_worker_runs(own_door):
    before = await own_door.http.get("/readyz")
    assert before.status_code == 503
    assert list(before.json()["wrong"]) == ["worker"]
    assert before.headers["retry-after"]
    stop = asyncio.Event()
    running = asyncio.create_task(own_door.server.house.run_worker(stop))
    async with asyncio.timeout(10):
        while not own_door.server.house.worker.is_alive:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0)
    answer = await own_door.http.get("/readyz")
    assert answer.json() == {"status": "ready", "wrong": {}}
    stop.set()
    await running


async def test_a_worker_elsewhere_is_not_asked_for(own_door):
    own_door.server.house.web.state.worker_inside = False
    assert (await own_door.http.get("/readyz")).status_code == 200


async def test_a_server_that_is_being_stopped_says_so_at_once(own_door):
    web = own_door.server.house.web
    web.state.worker_inside = False
    web.state.stopping = True
    answer = await own_door.http.get("/readyz")
    assert (answer.status_code, list(answer.json()["wrong"])) == (503, ["server"])


async def test_what_a_stopping_server_cuts_short_is_503(own_door):
    web, begun, sent = own_door.server.house.web, asyncio.Event(), []

    async def receive():
        begun.set()
        return await asyncio.Event().wait()  # the rest never comes

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/inbox", "raw_path": b"/inbox"}
    scope |= {"query_string": b"", "scheme": "https", "client": ("192.0.2.7", 1), "app": web}
    scope["headers"] = [(b"host", own_door.server.host.encode()), (b"content-length", b"9")]
    asking = asyncio.create_task(web(scope, receive, send))
    await asyncio.wait_for(begun.wait(), 10)
    asking.cancel()
    await asking
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"10") in sent[0]["headers"]


async def test_probes_may_ask_by_address(own_door):
    for path, status in (("/healthz", 200), ("/metrics", 200), ("/c/gardeners", 421)):
        answer = await own_door.http.get(path, headers={"Host": "127.0.0.1:8000"})
        assert answer.status_code == status, path


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("192.0.2.7", 404)])
async def test_figures_are_for_this_machine(door, address, status):
    transport = httpx.ASGITransport(door.server.house.web, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="https://red.test") as http:
        answer = await http.get("/metrics")
    assert answer.status_code == status
    assert (b"fedcop_requests_total" in answer.content) is (status == 200)
