"""Meets, before a text is published, those whom it names and whom this server does not know."""

import asyncio

from starlette.requests import Request

from fedcop.activitypub.webfinger import Handle, parse_handle
from fedcop.app import Session
from fedcop.domain.people.queries import by_handle
from fedcop.errors import FedcopError
from fedcop.text.mentions import find
from fedcop.web.auth.asking import house, resolver_of

_MOST = 10
_SECONDS = 8.0


async def meet_named(request: Request, source: str) -> None:
    """Ask the servers of at most ten unknown handles, all at once, for eight seconds at most.

    Who cannot be found stays plain text: that stops nobody from publishing.
    """
    app = house(request)
    named = find(source)
    handles = [
        found
        for text in (*named.people, *named.communities)
        if (found := _handle(text, development=app.settings.development)) is not None
        and found.host != app.uris.host
    ]
    if not handles:
        return

    def unknown(session: Session) -> list[Handle]:
        return [it for it in handles if by_handle(session, it.name, it.host) is None]

    strangers = (await app.read(unknown))[:_MOST]
    if strangers:
        tasks = [asyncio.create_task(_meet(request, handle)) for handle in strangers]
        _, late = await asyncio.wait(tasks, timeout=_SECONDS)
        for task in late:
            task.cancel()


def _handle(text: str, *, development: bool) -> Handle | None:
    try:
        return parse_handle(text, development=development)
    except FedcopError:
        return None


async def _meet(request: Request, handle: Handle) -> None:
    try:
        await resolver_of(request).handle(handle)
    except FedcopError:
        return
