"""A profile that only a community passes on: it is read from its own host, and so believed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from fedcop.domain.people.models import Actor
from tests.databases import lay_sqlite
from tests.replay.documents import Json
from tests.replay.stage import Stage

pytestmark = pytest.mark.anyio

GROUP, PERSON = "https://forum.example/c/music", "https://elsewhere.example/u/clara"


def announced(name: str) -> Json:
    profile = {"id": PERSON, "type": "Person", "name": name, "inbox": f"{PERSON}/inbox"}
    update = {"id": f"{PERSON}#update", "type": "Update", "actor": PERSON, "object": profile}
    return {"id": f"{GROUP}#announce", "type": "Announce", "actor": GROUP, "object": update}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = await Stage.build(tmp_path, lay_sqlite(tmp_path / "profiles.db"), [announced("Clara")])
    yield made
    await made.close()


@pytest.mark.parametrize("known", [True, False])
async def test_a_relayed_profile_is_read_from_its_own_host(stage: Stage, known: bool) -> None:
    await stage.listen(GROUP)
    if known:
        stage.origin.former[PERSON] = {"id": PERSON, "type": "Person", "name": "Miss Wieck"}
        await stage.actor(PERSON)
        stage.origin.former.clear()
    assert await stage.deliver(announced("The community says that I am Mallory")) == "done"
    named = await stage.read(
        lambda session: session.scalars(select(Actor.display_name).where(Actor.uri == PERSON)).all()
    )
    assert named == (["Clara"] if known else [])
