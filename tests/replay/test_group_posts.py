"""What a group wrote: a member speaks for it, and only the host of both says that it is so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.uris import PUBLIC
from tests.databases import lay_sqlite
from tests.replay.documents import Json
from tests.replay.stage import Stage

pytestmark = pytest.mark.anyio

HOME = "https://meet.example"
GROUP, PERSON, VICTIM = f"{HOME}/@makers", f"{HOME}/@anna", f"{HOME}/@victor"
EVENT = f"{HOME}/events/1"


def event(author: str = GROUP, name: str = "Soldering", to: str = PUBLIC) -> Json:
    return {
        "id": EVENT,
        "type": "Event",
        "actor": PERSON,
        "attributedTo": author,
        "name": name,
        "content": "<p>Bring your iron.</p>",
        "startTime": "2026-12-01T18:00:00Z",
        "to": [to],
    }


def said(verb: str, thing: Json) -> Json:
    return {
        "id": f"{EVENT}/{verb}",
        "type": verb,
        "actor": PERSON,
        "object": thing,
        "to": thing["to"],
    }


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    people = [{"type": "Create", "actor": one, "object": {}} for one in (PERSON, VICTIM)]
    made = await Stage.build(tmp_path, lay_sqlite(tmp_path / "groups.db"), people)
    await made.listen(GROUP)
    yield made
    await made.close()


async def posts(stage: Stage) -> list[tuple[str | bool, ...]]:
    query = select(Post.title, Actor.uri, Post.deleted_at.is_(None))
    query = query.join(Actor, Actor.id == Post.author_id)
    return await stage.read(lambda session: [tuple(row) for row in session.execute(query)])


async def test_it_is_the_groups_as_its_host_shows_it(stage: Stage) -> None:
    stage.origin.answers[EVENT] = event()
    assert await stage.deliver(said("Create", event(name="A forged name"))) == "done"
    assert await posts(stage) == [("Soldering", GROUP, True)]


async def test_the_group_announces_it(stage: Stage) -> None:
    stage.origin.answers[EVENT] = event()
    announce = {"id": f"{EVENT}/a", "type": "Announce", "actor": GROUP, "object": EVENT}
    assert await stage.deliver(announce | {"to": [PUBLIC]}) == "done"
    assert await posts(stage) == [("Soldering", GROUP, True)]


@pytest.mark.parametrize(
    "served",
    [event(VICTIM), event(to=f"{GROUP}/followers"), event("https://else.example/@makers"), None],
)
async def test_nobody_else_is_spoken_for(stage: Stage, served: Json | None) -> None:
    if served is not None:
        stage.origin.answers[EVENT] = served
    else:
        stage.origin.gone.add(EVENT)
    sent = event(VICTIM) if served and served["attributedTo"] == VICTIM else event()
    assert (await stage.deliver(said("Create", sent))).startswith(("dead", "waiting"))
    assert await posts(stage) == []


async def test_a_change_is_what_the_host_shows(stage: Stage) -> None:
    stage.origin.answers[EVENT] = event()
    await stage.deliver(said("Create", event()))
    stage.origin.answers[EVENT] = event(name="Soldering, again")
    assert await stage.deliver(said("Update", event(name="A forged name"))) == "done"
    assert await posts(stage) == [("Soldering, again", GROUP, True)]


@pytest.mark.parametrize("gone", [True, False])
async def test_a_deletion_counts_when_its_host_has_it_no_longer(stage: Stage, gone: bool) -> None:
    stage.origin.answers[EVENT] = event()
    await stage.deliver(said("Create", event()))
    if gone:
        del stage.origin.answers[EVENT]
        stage.origin.gone.add(EVENT)
    await stage.deliver(said("Delete", event()))
    [(_, _, there)] = await posts(stage)
    assert there is not gone
