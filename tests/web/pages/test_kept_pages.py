"""A page that is kept is never another than the one that would be made now, nor anybody else's."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import update
from town_of_pages import Town
from town_of_pages import words as all_words

from fedcop.db import changes
from fedcop.db.engine import Database
from fedcop.domain.communities.models import Community
from fedcop.domain.network.models import Attitude, Host, HostPolicy
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Attachment, Post
from fedcop.errors import Busy
from fedcop.ids import new_id
from fedcop.web import kept
from fedcop.web.kept import KeptPages
from fedcop.web.pages import thread as discussions
from tests.fediverse import Fediverse

pytestmark = pytest.mark.anyio
ACTIVITY = {"Accept": "application/activity+json"}


@dataclass
class Thread:
    """A discussion with a reply of somebody else, and its page."""

    town: Town
    root: str
    reply: str
    path: str
    ana: httpx.AsyncClient
    kofi: httpx.AsyncClient
    ask: httpx.AsyncClient

    @property
    def pages(self) -> KeptPages:
        return self.town.server.house.web.state.kept_pages

    async def is_kept(self) -> str:
        """Ask until the page is kept; its ETag."""
        for _ in range(2):
            await self.ask.get(self.path)
        assert len(self.pages._pages) == 1
        return (await self.ask.get(self.path)).headers["ETag"]


@pytest.fixture
async def thread(fediverse: Fediverse) -> AsyncIterator[Thread]:
    server, far = await fediverse("rivers.example", "delta.example")
    ana, kofi = await server.person("ana"), await server.person("kofi")
    place = await server.community("watershed", ana)
    town = Town(server, far, fediverse, ana, kofi, place)
    await kofi.join(place)
    root = await ana.write(place, "When does the willow root?")
    reply = await kofi.reply(root, "In April")
    async with town.anyone() as ask, await town.as_(ana) as one, await town.as_(kofi) as other:
        path = urlsplit((await ask.get(f"/post/{_number(root)}")).headers["location"]).path
        yield Thread(town, _number(root), _number(reply), path, one, other, ask)


def words(answer: httpx.Response) -> str:
    """What a reader sees, whatever the time."""
    return re.sub(r"[0-9]+ sec ago", "now", all_words(answer))


def _number(uri: str) -> str:
    return uri.rsplit("/", 1)[-1]


Deed = Callable[[Thread], Awaitable[object]]
DEEDS: dict[str, Deed] = {
    "reply": lambda it: it.kofi.post(f"/p/{it.root}/reply", data={"source": "Or in May"}),
    "vote": lambda it: it.ana.post(f"/p/{it.reply}/helpful", data={"helpful": "1"}),
    "unvote": lambda it: it.ana.post(f"/p/{it.reply}/helpful", data={"helpful": "0"}),
    "edit": lambda it: it.kofi.post(f"/p/{it.reply}/edit", data={"source": "In March"}),
    "title": lambda it: it.ana.post(
        f"/p/{it.root}/edit", data={"title": "When do willows root?", "source": "Well?"}
    ),
    "remove": lambda it: it.ana.post(f"/p/{it.reply}/remove", data={"reason": "An advert"}),
    "restore": lambda it: it.ana.post(f"/p/{it.reply}/restore"),
    "pin": lambda it: it.ana.post(f"/p/{it.root}/pin"),
    "lock": lambda it: it.ana.post(f"/p/{it.root}/lock", data={"reason": "Settled"}),
    "unlock": lambda it: it.ana.post(f"/p/{it.root}/unlock"),
    "name": lambda it: it.kofi.post("/settings/profile", data={"display_name": "K.", "bio": ""}),
    "leave": lambda it: it.kofi.post("/c/watershed/leave"),
    "join": lambda it: it.kofi.post("/c/watershed/join"),
    "steward": lambda it: it.ana.post("/c/watershed/stewards", data={"appoint": "kofi"}),
    "delete": lambda it: it.kofi.post(f"/p/{it.reply}/delete"),
    "gone": lambda it: it.ana.post(f"/p/{it.root}/delete"),
}


async def test_whatever_is_done_shows_at_once(thread: Thread) -> None:
    before = ""
    for name, deed in DEEDS.items():
        tag = await thread.is_kept() if name != "restore" else ""
        await deed(thread)
        now = await thread.ask.get(thread.path, headers={"If-None-Match": tag})
        thread.pages.clear()
        anew = await thread.ask.get(thread.path, follow_redirects=True)
        if now.status_code == 304:
            assert anew.headers["ETag"] == tag, name
        elif now.status_code == 302:
            assert urlsplit(now.headers["location"]).path == anew.url.path, name
            thread.path = anew.url.path
        else:
            assert (now.status_code, words(now)) == (anew.status_code, words(anew)), name
        assert words(anew) != before, f"{name} was done"
        before = words(anew)


WRITTEN: dict[str, Callable[[Thread], object]] = {
    "words": lambda _: update(Post).values(html="<p>Other words</p>"),
    "warning": lambda _: update(Post).values(warning="Long"),
    "a vote": lambda it: update(Post).where(Post.id == int(it.reply)).values(reported_likes=3),
    "a name": lambda _: update(Actor).where(Actor.name == "kofi").values(display_name="Else"),
    "purpose": lambda _: update(Community).values(purpose="To plant"),
    "members": lambda _: update(Community).values(members_count=77),
    "closed": lambda _: update(Community).values(closed_at=datetime.now(UTC)),
    "nothing shown": lambda _: update(Host).values(failures=3),
}


@pytest.mark.parametrize("what", WRITTEN)
async def test_what_another_process_writes_shows_at_the_next_comparison(
    thread: Thread, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "COMPARED", -1.0)
    tag = await thread.is_kept()
    await _elsewhere(thread, lambda session: session.execute(WRITTEN[what](thread)))
    answer = await thread.ask.get(thread.path, headers={"If-None-Match": tag})
    assert answer.status_code == (304 if what == "nothing shown" else 200)
    if answer.status_code == 200:
        thread.pages.clear()
        assert words(answer) == words(await thread.ask.get(thread.path))


async def test_an_attachment_and_a_blocked_host_show(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "COMPARED", -1.0)
    await thread.is_kept()
    hung = Attachment(
        id=new_id(), post_id=int(thread.reply), type="Image", url="https://pictures.example/a.png"
    )
    await _elsewhere(thread, lambda session: session.add(hung))
    assert "pictures.example" in words(await thread.ask.get(thread.path))
    await thread.is_kept()
    rule = HostPolicy(
        id=new_id(), name="pictures.example", attitude=Attitude.BLOCK, decided_at=datetime.now(UTC)
    )
    await _elsewhere(thread, lambda session: session.add(rule))
    assert "pictures.example" not in words(await thread.ask.get(thread.path))


async def _elsewhere(thread: Thread, work: Callable) -> None:
    database = Database(thread.town.server.house.app.settings.database)
    await database.write(work)
    await database.close()


async def test_nobody_gets_the_page_of_another(thread: Thread) -> None:
    await thread.is_kept()
    for mine in (thread.ana, thread.kofi):
        page = await mine.get(thread.path)
        assert page.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in page.headers
        assert "Sign out" in words(page)
    assert len(thread.pages._pages) == 1
    anyone = await thread.ask.get(thread.path)
    assert "Sign out" not in words(anyone)
    assert anyone.headers["Cache-Control"].startswith("public")
    german = {"Accept-Language": "de"}
    for _ in range(3):
        assert "Anmelden" in words(await thread.ask.get(thread.path, headers=german))
    assert "Anmelden" not in words(await thread.ask.get(thread.path))
    assert f"?reply={thread.root}" not in (await thread.ask.get(thread.path)).text
    thread.ask.cookies.set("fedcop-notice", "departed")
    assert "Your account is deleted" in words(await thread.ask.get(thread.path))
    thread.ask.cookies.clear()
    assert "Your account is deleted" not in words(await thread.ask.get(thread.path))


async def test_who_has_the_page_gets_304_with_the_same_headers(thread: Thread) -> None:
    tag = await thread.is_kept()
    whole = await thread.ask.get(thread.path)
    same = await thread.ask.get(thread.path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Link"):
        assert same.headers[name] == whole.headers[name]


async def test_only_so_many_bytes_are_kept(thread: Thread) -> None:
    await thread.is_kept()
    thread.pages._most = 10
    for _ in range(3):
        await thread.ask.get(thread.path)
    german = {"Accept-Language": "de"}
    for _ in range(3):
        assert (await thread.ask.get(thread.path, headers=german)).status_code == 200
    assert len(thread.pages._pages) == 0
    assert thread.pages._bytes == 0 or len(thread.pages._pages) == 1


async def test_the_document_of_an_actor_is_kept_until_it_changes(thread: Thread) -> None:
    first = await thread.ask.get("/u/kofi", headers=ACTIVITY)
    second = await thread.ask.get("/u/kofi", headers=ACTIVITY)
    assert first.content == second.content
    tag = {"If-None-Match": first.headers["ETag"], **ACTIVITY}
    assert (await thread.ask.get("/u/kofi", headers=tag)).status_code == 304
    await DEEDS["name"](thread)
    third = await thread.ask.get("/u/kofi", headers=tag)
    assert (third.status_code, third.json()["name"]) == (200, "K.")
    group = await thread.ask.get("/c/watershed", headers=ACTIVITY)
    assert group.json()["postingRestrictedToMods"] is False
    await thread.town.server.act(
        lambda uow: uow.session.execute(update(Community).values(stewards_only=True))
    )
    group = await thread.ask.get("/c/watershed", headers=ACTIVITY)
    assert group.json()["postingRestrictedToMods"] is True
    assert (await thread.ask.get("/u/nobody", headers=ACTIVITY)).status_code == 404


async def test_a_page_that_many_ask_for_at_once_is_made_once(thread, monkeypatch):
    await thread.is_kept()
    await thread.kofi.post(f"/p/{thread.root}/reply", data={"source": "Or in May"})
    made: list[str] = []
    render = discussions.render

    def counted(*given):
        made.append("made")
        return render(*given)

    monkeypatch.setattr(discussions, "render", counted)
    answers = await asyncio.gather(*(thread.ask.get(thread.path) for _ in range(8)))
    assert made == ["made"]
    assert {"Or in May" in answer.text for answer in answers} == {True}
    assert len({answer.headers["ETag"] for answer in answers}) == 1


async def test_who_asks_does_not_wait_for_what_was_changed_behind(thread, monkeypatch):
    monkeypatch.setattr(changes, "TOGETHER_SECONDS", 0.0)
    tag = await thread.is_kept()
    db = thread.town.server.house.app.db
    other = update(Post).values(html="<p>Other words</p>")
    await db.write(lambda session: session.execute(other), behind=True)
    first = await thread.ask.get(thread.path)
    assert first.headers["ETag"] == tag  # it is compared when the reader has it
    second = await thread.ask.get(thread.path)
    assert "Other words" in second.text
    assert second.headers["ETag"] != tag


async def test_a_thread_that_vanished_behind_is_gone_for_who_asks_next(thread, monkeypatch):
    monkeypatch.setattr(changes, "TOGETHER_SECONDS", 0.0)
    await thread.is_kept()
    db = thread.town.server.house.app.db
    gone = update(Post).values(deleted_at=datetime.now(UTC))
    await db.write(lambda session: session.execute(gone), behind=True)
    assert (await thread.ask.get(thread.path)).status_code == 200
    monkeypatch.setattr(kept, "COMPARED", -1.0)
    assert (await thread.ask.get(thread.path)).status_code == 410


async def test_those_who_wait_for_a_page_get_it_when_its_maker_fails(thread, monkeypatch):
    await thread.is_kept()
    await thread.kofi.post(f"/p/{thread.root}/reply", data={"source": "Or in May"})
    render, tries = discussions.render, []

    def fails_once(*given):
        tries.append(1)
        if len(tries) == 1:
            raise Busy("Not now.")
        return render(*given)

    monkeypatch.setattr(discussions, "render", fails_once)
    answers = await asyncio.gather(*(thread.ask.get(thread.path) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503]
    assert len(tries) == 2
