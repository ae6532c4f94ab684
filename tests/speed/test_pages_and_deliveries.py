"""What is read and what is brought: a few statements for a page, one load of a key for all."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.outbox import spreading
from fedcop.outbox.models import Told
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.town import AS, HOST, Town, town
from tests.speed.counting import counted

pytestmark = pytest.mark.anyio


class Takers(httpx.AsyncBaseTransport):
    """Every server takes whatever it is brought."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.taken += 1
        return httpx.Response(202, stream=httpx.ByteStream(b""))


async def test_a_page_of_200_replies(here: Town) -> None:
    await here.keep([here.reply() for _ in range(200)])
    while await here.house.processor.run_once():
        pass
    transport = httpx.ASGITransport(here.house.web)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
        address = str((await client.get(here.starter, follow_redirects=True)).url)
        with counted(here.house.app.db) as found:
            page = await client.get(address)
        assert page.text.count('class="post"') > 200
        assert len(found.about("SELECT")) < 15, found.said
        for path in ("/u/ada", "/c/garden", "/c/garden/outbox"):
            with counted(here.house.app.db) as found:
                answer = await client.get(path, headers={"Accept": AS})
            assert answer.status_code == 200
            assert len(found.about("SELECT")) < 12, f"{path}\n{found.said}"


async def test_a_private_key_is_loaded_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    from_pem = PrivateKey.from_pem

    def noting(id: str, owner: str, pem: str, *, trusted: bool) -> PrivateKey:
        loaded.append(id)
        return from_pem(id, owner, pem, trusted=trusted)

    takers = Takers()
    async with town(database_url, tmp_path, takers, speakers=20) as here:
        monkeypatch.setattr(PrivateKey, "from_pem", noting)
        here.house.app.keys._keys.clear()
        for number in range(100):
            await here.house.app.act(lambda uow, n=number: _say(uow, here, n))
        with counted(here.house.app.db) as found:
            while await here.house.deliverer.run_once():
                pass
    assert takers.taken >= 100 * 20
    assert len(loaded) == len(set(loaded)), f"loaded again: {sorted(loaded)[:5]}"
    assert len(found.statements) < takers.taken / 4, found.said


def _say(uow: UnitOfWork, here: Town, number: int) -> None:
    words = compose_starter(uow.session, uow.uris, f"Question {number}", "What do you think?")
    start(uow, uow.get(Actor, here.ada), uow.get(Community, here.garden), words)


@pytest.mark.parametrize("speakers", [3, 20])
async def test_what_is_told_is_as_many_rows_however_many_hear(
    database_url: str, tmp_path: Path, speakers: int
) -> None:
    async with town(database_url, tmp_path, speakers=speakers) as here:

        def rows(session: Session) -> int:
            return session.query(Told).count()

        before = await here.house.app.read(rows)
        with counted(here.house.app.db) as found:
            await here.house.app.act(lambda uow: _say(uow, here, 1))
        assert await here.house.app.read(rows) - before == 2, "an Announce for each dialect"
        assert not found.about("INSERT INTO deliveries")
        with counted(here.house.app.db) as found:
            await here.house.app.db.write(spreading.spread)
        assert len(found.about("INSERT INTO deliveries")) <= 2, found.said
