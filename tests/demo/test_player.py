"""The two servers of the demo hold the same story when it is played."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.demo.acts import Script
from fedcop.demo.arrivals import arrive
from fedcop.demo.player import Player
from fedcop.demo.prose import Home, load_story
from fedcop.demo.stage import HOMES, MARK, Stage, clear, open_stage
from fedcop.domain.moderation.models import Report
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.queries import chronicle
from fedcop.errors import Conflict
from tests.databases import lay_sqlite
from tests.fediverse import Fediverse

pytestmark = pytest.mark.anyio
BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)


class _Public(Stage):
    """Both servers under names of the open network, as the tests' servers have them."""

    def host(self, home: Home) -> str:
        return f"{home}.test"

    def base(self, home: Home) -> str:
        return f"https://{self.host(home)}"


def _script(stage: Stage) -> Script:
    return Script(load_story(), stage)


def test_a_line_never_answers_a_later_one(tmp_path):
    script = _script(Stage(tmp_path, 8000, BEGAN))
    moments = [line.moment for line in script.lines]
    assert len(set(moments)) == len(moments) > 250
    seen = set()
    for line in script.lines:
        assert line.answers is None or line.answers in seen
        seen.add(line.moment)
    oldest = script.lines[0].moment[1]
    assert oldest > BEGAN - timedelta(days=365)
    for place in script.story.communities:
        assert script.founded(place) < _first(script, place.name)


def _first(script: Script, name: str) -> datetime:
    return min(line.moment[1] for line in script.lines if line.community == name)


def test_a_stage_keeps_its_port_and_its_beginning(tmp_path):
    folder = tmp_path / "demo"
    first = open_stage(folder, 8100)
    assert open_stage(folder, None) == first
    assert (first.host("rivers"), first.bind("delta")) == (
        "rivers.localhost:8100",
        "127.0.0.1:8101",
    )
    with pytest.raises(Conflict, match="--reset"):
        open_stage(folder, 8200)
    clear(folder)
    assert not folder.exists()
    clear(folder)


def test_only_a_demo_is_deleted(tmp_path):
    (tmp_path / "letters").touch()
    with pytest.raises(Conflict, match="left alone"):
        clear(tmp_path)
    assert (tmp_path / "letters").exists()
    assert not (tmp_path / MARK).exists()


def _pinned(session: Session) -> list[str]:
    pins = select(Post.title).where(Post.pinned_at.is_not(None))
    return sorted(session.scalars(pins))


def _reports(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Report)) or 0


async def test_both_servers_hold_the_whole_story(tmp_path, monkeypatch):
    stage = _Public(tmp_path, 0, datetime.now(UTC).replace(microsecond=0))
    fediverse = Fediverse(tmp_path, lambda host: lay_sqlite(tmp_path / f"{host}.db"))
    servers = await fediverse(*(stage.host(home) for home in HOMES))
    stop = asyncio.Event()
    workers = [asyncio.create_task(server.house.run_worker(stop)) for server in servers]
    script = _script(stage)
    players = [
        Player(server.house, script, home) for server, home in zip(servers, HOMES, strict=True)
    ]
    try:
        assert await asyncio.gather(*(player.play(150) for player in players)) == [True, True]
        monkeypatch.setattr("fedcop.demo.arrivals.EVERY_SECONDS", 0.5)
        await asyncio.gather(
            *(
                arrive(server.house.app, player, script.story.arrivals, stop)
                for server, player in zip(servers, players, strict=True)
            )
        )
    finally:
        stop.set()
        await asyncio.gather(*workers)
    await fediverse.settle()
    held, pinned, reports = [], [], []
    for server, player in zip(servers, players, strict=True):
        there = {}
        for place in script.story.communities:
            row = player.place(place.name)
            there |= await server.read(lambda session, row=row: chronicle(session, row))
        held.append(set(there))
        pinned.append(await server.read(_pinned))
        reports.append(await server.read(_reports))
    await fediverse.close()
    assert {line.moment for line in script.lines} <= held[0]
    assert {line.moment for line in script.lines} <= held[1]
    assert pinned[0] == pinned[1]
    assert len(pinned[0]) == 3
    assert reports == [1, 1]
