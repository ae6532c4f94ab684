"""What runs beside one server of the demo: its people, until the process that began it is gone."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

from fedcop.bootstrap import House
from fedcop.demo.acts import Script
from fedcop.demo.arrivals import arrive
from fedcop.demo.player import Player
from fedcop.demo.prose import Home, load_story
from fedcop.demo.stage import SECONDS_TO_SEED, Stage
from fedcop.domain.access.links import issue_enter

Tell = Callable[[dict[str, Any]], None]


async def run_scene(
    house: House, stop: asyncio.Event, stage: Stage, home: Home, tell: Tell
) -> None:
    """Play the story, tell of it (`seeded`, with a sign-in link of a steward), let the rest arrive.

    `tell` is given what the process that began this one reads.
    """
    watch = asyncio.create_task(_end_with_parent(os.getppid()))
    try:
        story = load_story()
        player = Player(house, Script(story, stage), home)
        complete = await player.play(SECONDS_TO_SEED)
        steward = next(place.stewards[0] for place in story.communities if place.home == home)
        row = player.actor(steward)
        token = await house.app.act(lambda uow: issue_enter(uow, row))
        tell(
            {
                "event": "seeded",
                "complete": complete,
                "steward": steward,
                "link": f"{house.app.uris.base}/enter/{token}",
            }
        )
        await arrive(house.app, player, story.arrivals, stop)
        await stop.wait()
    finally:
        watch.cancel()


async def _end_with_parent(parent: int) -> None:
    """A server whose demo was killed does not stay behind."""
    while True:
        await asyncio.sleep(1.0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
