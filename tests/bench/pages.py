"""Benchmarks of what is read: the page of a long thread, and the document of an actor."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import HTTPConnection

from fedcop.web import render
from fedcop.web.kept import KeptPages
from tests.bench.asking import Got, ask
from tests.bench.databases import Place
from tests.bench.knocking import door
from tests.bench.measure import Cpu, Figure, rounds
from tests.bench.town import AS, HOST, Town, town

REPLIES = 200
ASK = f"GET /u/ada HTTP/1.1\r\nHost: {HOST}\r\nAccept: {AS}\r\n\r\n".encode()
_Given = tuple[HTTPConnection, str, Mapping[str, object]]


async def thread_page(place: Place, many: int) -> list[Figure]:
    """A page with 200 replies for who is not signed in: cold, kept, and not changed since.

    Cold is the first request after all that is kept was forgotten. They are measured in turn,
    so that a neighbour of this process costs each the same.
    """
    async with town(place.database(), place.folder) as here:
        path = await filled(here, REPLIES)
        found = await _in_turn(here, path, many)
    cold, kept = found["cold"], found["kept"]
    common: dict[str, Any] = {"on": place.kind, "unit": "page"}
    return [
        Figure(
            name="thread-page-cold",
            value=cold,
            limit=found["bare"],
            limit_name="render its template",
            must=1 / 2.0,
            aim=1 / 1.5,
            note=f"{REPLIES} replies, nobody signed in, nothing kept",
            **common,
        ),
        Figure(
            name="thread-page-kept",
            value=kept,
            limit=cold,
            limit_name="the cold page",
            must=1 / 0.15,
            aim=1 / 0.10,
            note="and this server has changed nothing since",
            **common,
        ),
        Figure(
            name="thread-page-compared",
            value=found["compared"],
            limit=cold,
            limit_name="the cold page",
            note="something else was written meanwhile: all that the page rests on is compared",
            **common,
        ),
        Figure(
            name="thread-page-304",
            value=found["same"],
            limit=cold,
            limit_name="the cold page",
            must=1 / 0.15,
            aim=1 / 0.10,
            note="for who has it already; nothing is rendered",
            **common,
        ),
    ]


async def filled(here: Town, replies: int) -> str:
    """Let so many replies arrive under the town's discussion; the path of its page."""
    await here.keep([here.reply() for _ in range(replies)])
    while await here.house.processor.run_once():
        pass
    answer = await ask(here.house.web, HOST, urlsplit(here.starter).path)
    return urlsplit(answer.headers["location"]).path


async def _in_turn(here: Town, path: str, many: int) -> dict[str, float]:
    """The median CPU µs of each."""
    web, rendered = here.house.web, render.render
    given: list[_Given] = []
    pages = KeptPages(here.house.app.db.changes)
    web.state.kept_pages = pages

    def noting(request: HTTPConnection, template: str, context: Mapping[str, object]) -> str:
        given[:] = [(request, template, context)]
        return rendered(request, template, context)

    async def timed(work: Callable[[], Awaitable[Got]], status: int = 200) -> float:
        with Cpu() as cpu:
            got = await work()
        assert got.status == status
        assert status != 200 or got.body.count(b'class="post"') > REPLIES
        return cpu.us

    spent: defaultdict[str, list[float]] = defaultdict(list)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "render", noting)
        for _ in range(3 * many + 1):
            pages.clear()
            spent["cold"].append(await timed(lambda: ask(web, HOST, path)))
            with Cpu() as cpu:
                rendered(*given[0])
            spent["bare"].append(cpu.us)
            tag = (await ask(web, HOST, path)).headers["etag"]  # the second is kept
            given.clear()
            spent["kept"].append(await timed(lambda: ask(web, HOST, path)))
            here.house.app.db.changes.count(["posts"])
            spent["compared"].append(await timed(lambda: ask(web, HOST, path)))
            same = await timed(lambda: ask(web, HOST, path, if_none_match=tag), 304)  # noqa: B023
            spent["same"].append(same)
            assert not given, "a page that was kept is rendered again"
    return {name: median(values[1:]) for name, values in spent.items()}


async def actor_document(place: Place, many: int) -> list[Figure]:
    """The document of an actor, beside the smallest answer that Starlette gives."""
    async with town(place.database(), place.folder, speakers=1) as here:
        size = len((await ask(here.house.web, HOST, "/u/ada", accept=AS)).body)
        requests = [ASK] * (500 if place.quick else 2_000)
        async with door(f"starlette:{size}", here.settings) as starlette:
            limit = await rounds(many, lambda: starlette.knock(requests))
        async with door("whole", here.settings) as whole:
            value = await rounds(many, lambda: whole.knock(requests))
    return [
        Figure(
            name="actor-document",
            on=place.kind,
            value=value,
            unit="request",
            limit=limit,
            limit_name="Starlette's answer of the same size",
            must=1 / 8,
            aim=1 / 3,
            note=f"{size} bytes; read from the database every two seconds, and when it changes",
        )
    ]
