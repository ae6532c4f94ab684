"""Benchmarks of what is read: the page of a long thread, and the document of an actor."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from fedcop.web import render
from tests.bench.databases import Place
from tests.bench.knocking import door
from tests.bench.measure import Cpu, Figure, in_turn, rounds
from tests.bench.town import AS, HOST, Town, town

_REPLIES = 200
_ASK = f"GET /u/ada HTTP/1.1\r\nHost: {HOST}\r\nAccept: {AS}\r\n\r\n".encode()


async def thread_page(place: Place, many: int) -> list[Figure]:
    """A page with 200 replies, beside the mere rendering of its template."""
    async with town(place.database(), place.folder) as here:
        await here.keep([here.reply() for _ in range(_REPLIES)])
        while await here.house.processor.run_once():
            pass
        given: list[tuple[HTTPConnection, str, Mapping[str, object]]] = []
        rendered = render.render

        def noting(request: HTTPConnection, template: str, context: Mapping[str, object]) -> str:
            given[:] = [(request, template, context)]
            return rendered(request, template, context)

        transport = httpx.ASGITransport(here.house.web)
        async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
            address = str((await client.get(here.starter, follow_redirects=True)).url)

            async def ask() -> float:
                with Cpu() as cpu:
                    answer = await client.get(address)
                assert answer.text.count('class="post"') > _REPLIES
                return cpu.us

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(render, "render", noting)
                value = await rounds(many, ask)
            bare = in_turn(many, lambda: rendered(*given[0]), 5)
    return [
        Figure(
            name="thread-page",
            on=place.kind,
            value=value,
            unit="page",
            limit=bare,
            limit_name="render its template",
            aim=0.5,
            note=f"{_REPLIES} replies, nobody signed in",
        )
    ]


async def actor_document(place: Place, many: int) -> list[Figure]:
    """The document of an actor, beside the smallest answer that Starlette gives."""
    here: Town
    async with town(place.database(), place.folder, speakers=1) as here:
        requests: list[Any] = [_ASK] * (300 if place.quick else 1_000)
        async with door("starlette") as starlette:
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
            limit_name="Starlette's answer",
            note="read from the database each time",
        )
    ]
