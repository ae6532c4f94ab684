"""The black box over real sockets: two of them federate, and each can be reset."""

import asyncio
import json
import os
import signal
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fedcop.bootstrap import build
from fedcop.domain.site.found import set_up
from fedcop.errors import Conflict
from tests.blackbox.world import World, settings_for
from tests.databases import lay_sqlite
from tests.lab.authority import Authority

pytestmark = pytest.mark.anyio
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_JSON = "application/activity+json"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Box:
    """One process, and what it said when it was ready."""

    process: Process
    base: str
    actors: dict[str, dict[str, str]]
    client: httpx.AsyncClient

    async def ask(self, deed: str, **what: Any) -> dict[str, Any]:
        answer = await self.client.post(f"{self.base}/-/test/{deed}", json=what)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def items(self, actor: dict[str, str], box: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {actor['token']}"}
        answer = await self.client.get(f"{actor['id']}/{box}", headers=headers)
        assert answer.headers["content-type"] == "application/activity+json"
        collection = answer.json()
        assert collection["type"] == "OrderedCollection"
        assert collection["totalItems"] == len(collection["orderedItems"])
        return collection["orderedItems"]

    async def received(self, actor: dict[str, str], kind: str, about: str = "") -> dict[str, Any]:
        """The activity of this kind that the actor gets, waited for."""
        async with asyncio.timeout(30):
            while True:
                for item in await self.items(actor, "inbox"):
                    if item["type"] == kind and about in json.dumps(item):
                        return item
                await asyncio.sleep(0.05)


async def open_box(client: httpx.AsyncClient, *words: str, **environment: str) -> Box:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.blackbox", *words),
        stdout=PIPE,
        cwd=_ROOT,
        env=os.environ | environment,
    )
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 120))
    assert ready["pid"] == process.pid
    return Box(process, ready["base_url"], ready["actors"], client)


async def close(box: Box) -> None:
    box.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(box.process.wait(), 30) == 0


@pytest.fixture(scope="module")
async def boxes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Box, Box]]:
    folder = tmp_path_factory.mktemp("boxes")
    async with httpx.AsyncClient(timeout=30) as client:
        red, blue = await asyncio.gather(
            open_box(client, "--database", lay_sqlite(folder / "red.db")),
            open_box(client, "--database", lay_sqlite(folder / "blue.db")),
        )
        yield red, blue
        await asyncio.gather(close(red), close(blue))


@pytest.fixture
async def red_and_blue(boxes: tuple[Box, Box]) -> tuple[Box, Box]:
    await asyncio.gather(*(box.ask("reset") for box in boxes))
    return boxes


async def test_two_of_them_federate(red_and_blue):
    red, blue = red_and_blue
    gardeners = await red.ask("actors", username="gardeners", type="Group")
    bob = await blue.ask("actors", username="bob", type="Person")
    follow = {"type": "Follow", "object": gardeners["id"]}
    assert (await blue.ask("objects", actor=bob["id"], object=follow))["id"] == gardeners["id"]
    accept = await blue.received(bob, "Accept")
    assert accept["actor"] == gardeners["id"]
    assert (await red.received(gardeners, "Follow"))["actor"] == bob["id"]

    ada = red.actors["ada"]
    frost: dict[str, Any] = {"type": "Article", "name": "Frost?"}
    frost |= {"content": "<p>In <b>May</b>?</p>", "to": [gardeners["id"], PUBLIC]}
    post = await red.ask("objects", actor=ada["id"], object=frost)
    announce = await blue.received(bob, "Announce", post["id"])
    assert announce["actor"] == gardeners["id"]
    said = await red.items(ada, "outbox")
    assert [(one["type"], one["object"]["id"]) for one in said] == [("Create", post["id"])]
    assert said[0]["object"]["content"] == "<p>In <b>May</b>?</p>"

    answer = {"type": "Note", "content": "<p>Fleece.</p>", "inReplyTo": post["id"]}
    reply = await blue.ask("objects", actor=bob["id"], object=answer)
    create = await red.received(gardeners, "Create", reply["id"])
    assert create["object"]["inReplyTo"] == post["id"]
    await blue.ask("objects", actor=bob["id"], object={"type": "Like", "object": post["id"]})
    await red.received(gardeners, "Like", post["id"])

    await blue.ask("objects", actor=bob["id"], object={"type": "Follow", "object": ada["id"]})
    await red.received(ada, "Follow", bob["id"])
    await blue.received(bob, "Accept", ada["id"])


async def test_a_reset_leaves_nothing_but_the_names_and_keys_of_the_seeded(red_and_blue):
    red, _ = red_and_blue
    zoe = await red.ask("actors", username="zoe", type="Person")
    ada = red.actors["ada"]
    before = (await red.client.get(ada["id"], headers={"Accept": PUBLIC_JSON})).json()
    note = {"type": "Note", "content": "<p>Hello.</p>", "to": [PUBLIC]}
    post = await red.ask("objects", actor=zoe["id"], object=note)
    assert (await red.client.get(post["id"], headers={"Accept": PUBLIC_JSON})).status_code == 200
    missing = f"{red.base}/u/yan"
    assert (await red.client.get(missing, headers={"Accept": PUBLIC_JSON})).status_code == 404

    assert (await red.ask("reset"))["actors"] == red.actors
    for gone in (post["id"], zoe["id"]):
        assert (await red.client.get(gone, headers={"Accept": PUBLIC_JSON})).status_code == 404
    after = (await red.client.get(ada["id"], headers={"Accept": PUBLIC_JSON})).json()
    assert after["publicKey"] == before["publicKey"]
    assert await red.items(ada, "inbox") == []
    await red.ask("actors", username="yan", type="Person")
    assert (await red.client.get(missing, headers={"Accept": PUBLIC_JSON})).status_code == 200


@pytest.mark.parametrize(
    ("deed", "body", "status", "words"),
    [
        ("actors", b"{", 422, "Send JSON"),
        ("actors", b"[]", 422, "Send a JSON object."),
        ("actors", b'{"username": "x1"}', 422, "“type” is missing, or is no text."),
        ("actors", b'{"username": "x1", "type": "Robot"}', 422, "a Person or a Group"),
        ("actors", b'{"username": "ada", "type": "Person"}', 422, "taken"),
        ("objects", b'{"actor": "https://a.test/u/x", "object": {}}', 404, "No actor"),
        ("objects", b'{"actor": "ADA", "object": {"type": "Spoon"}}', 422, "Nothing is published"),
        ("objects", b'{"actor": "ADA", "object": {"type": "Undo"}}', 422, "Undo a Follow"),
        ("nothing", b"{}", 404, "reset, actors and objects"),
    ],
)
async def test_the_test_door_says_what_is_wrong(boxes, deed, body, status, words):
    red, _ = boxes
    body = body.replace(b"ADA", red.actors["ada"]["id"].encode())
    answer = await red.client.post(f"{red.base}/-/test/{deed}", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert words in answer.json()["error"]


async def test_the_test_door_is_for_this_machine_and_its_tokens(boxes):
    red, _ = boxes
    ada, ben = red.actors["ada"], red.actors["ben"]
    through = {"X-Forwarded-For": "203.0.113.9"}
    answer = await red.client.post(f"{red.base}/-/test/reset", headers=through)
    assert answer.status_code == 403
    theirs = {"Authorization": f"Bearer {ben['token']}"}
    assert (await red.client.get(f"{ada['id']}/inbox", headers=theirs)).status_code == 401
    assert (await red.client.get(f"{ada['id']}/inbox")).status_code == 405


async def test_over_https_with_certificates_of_ones_own_on_both_databases(tmp_path, postgresql):
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.certificate_for("localhost")
    tls = ("--certificate", str(certificate), "--key", str(key))
    trust = {"SSL_CERT_FILE": str(authority.file)}
    url = postgresql.migrated()
    trusting = ssl.create_default_context(cafile=authority.file)
    async with httpx.AsyncClient(timeout=30, verify=trusting) as client:
        red, blue = await asyncio.gather(
            open_box(client, *tls, "--data", str(tmp_path / "red"), **trust),
            open_box(client, *tls, "--database", url, **trust),
        )
        assert red.base.startswith("https://localhost:")
        zoe = await blue.ask("actors", username="zoe", type="Person")
        await blue.ask("reset")
        assert (await client.get(zoe["id"])).status_code == 404
        commons, ben = red.actors["commons"], blue.actors["ben"]
        follow = {"type": "Follow", "object": commons["id"]}
        await blue.ask("objects", actor=ben["id"], object=follow)
        await blue.received(ben, "Accept", commons["id"])
        await asyncio.gather(close(red), close(blue))
    postgresql.drop(url)
    assert (tmp_path / "red" / "fedcop.db").exists()


async def test_the_database_of_somebody_else_is_refused(tmp_path):
    url = lay_sqlite(tmp_path / "fedcop.db")
    world = World(settings_for("http://localhost:1", tmp_path, url, "a secret of the tests"))
    house = build(world.settings)
    keys = await house.app.fresh_keys()
    await house.app.act(lambda uow: set_up(uow, name="A club", keys=keys) and None)
    await house.close()
    with pytest.raises(Conflict, match="would empty it"):
        await world.open()
