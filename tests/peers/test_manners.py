"""How a peer is spoken to: by what it says that it runs, with the signature that it reads."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from fedcop.domain.network.models import Host
from fedcop.outbox import peers
from fedcop.outbox.deliver import Deliverer
from tests.peers.software import LemmyLike, MastodonLike

pytestmark = pytest.mark.anyio
HOST = "red.test"


async def a_day_later(town) -> None:
    """As if all were asked a day ago, and the worker had its daily round before it."""

    def act(uow):
        uow.session.execute(update(Host).values(asked_at=uow.now - timedelta(days=2)))

    await town.red.act(act)
    town.red.house.deliverer = Deliverer(town.red.house.app)
    await town.settle()


class Hanging(LemmyLike):
    """Its NodeInfo never ends."""

    async def _serve(self, request: httpx.Request):
        if self.nodeinfo_down and "nodeinfo" in request.url.path:
            await asyncio.Event().wait()
        return await super()._serve(request)

    def judge(self, got) -> None:
        if not isinstance(got.document["object"], str):
            super().judge(got)


async def test_a_host_that_does_not_say_what_it_runs_is_not_waited_for(town, monkeypatch):
    monkeypatch.setattr(peers, "PATIENCE", 0.2)
    peer = Hanging(town.world.wires, "forum.test")
    peer.nodeinfo_down = True
    await peer.follows(peer.person("bo"), "gardeners", HOST)
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert peer.forms() == ["Accept{Follow}", "Announce(id)"]  # a Person follows: a micro-blog?
    assert (await peer.get(frost, agent="")).json()["type"] == "Article"
    peer.nodeinfo_down = False
    await a_day_later(town)
    await town.ada.write(town.gardeners, "Straw or fleece?")
    await town.settle()
    assert peer.forms()[2:] == ["Announce{Create{Article}}"]


async def test_other_software_on_a_host_is_spoken_to_in_its_own_way(town):
    blog = MastodonLike(town.world.wires, "host.test")
    await blog.follows(blog.person("bo"), "gardeners", HOST)
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert blog.forms() == ["Accept{Follow}", "Announce(id)"]
    lemmy = LemmyLike(town.world.wires, "host.test")
    lemmy.actors |= blog.actors
    await a_day_later(town)
    straw = await town.ada.write(town.gardeners, "Straw or fleece?")
    await town.settle()
    assert lemmy.forms() == ["Announce{Create{Article}}"]
    assert (await lemmy.get(straw, agent="")).json()["type"] == "Article"


async def test_a_peer_that_reads_only_rfc_9421_is_knocked_at_twice_once(town):
    peer = LemmyLike(town.world.wires, "forum.test")
    peer.only_rfc9421 = True
    await peer.follows(peer.person("bo"), "gardeners", HOST)
    await town.settle()
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert peer.forms() == ["Accept{Follow}", "Announce{Create{Article}}"]
    assert peer.knocks == ["cavage", "rfc9421", "rfc9421"]


async def test_a_peer_that_asks_for_rfc_9421_gets_it_from_then_on(town):
    peer = MastodonLike(town.world.wires, "blog.test")
    peer.asks_for_rfc9421 = True
    await peer.follows(peer.person("bo"), "gardeners", HOST)
    await town.settle()
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert peer.forms() == ["Accept{Follow}", "Announce(id)"]
    assert peer.knocks == ["cavage", "rfc9421"]


async def test_a_community_elsewhere_may_follow_ours_whatever_runs_there(town):
    """NodeBB's categories and Lemmy's communities do (FEP-d36d); unknown software is a forum."""
    peer = Hanging(town.world.wires, "forum.test")
    peer.software = ""  # it answers, and says nothing
    group = peer.group("allotments")
    await peer.follows(group, "gardeners", HOST)
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert peer.forms() == ["Accept{Follow}", "Announce{Create{Article}}"]
    assert (await town.red.members(town.gardeners.uri))[group.uri] == "active"
