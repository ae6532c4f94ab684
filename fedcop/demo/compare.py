"""What two servers hold of one discussion: read from where it was said, and on both pages."""

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, cast

from fedcop.app import App
from fedcop.bootstrap import build_app
from fedcop.demo.browser import Browser, CheckFailed, Shown
from fedcop.errors import Gone
from fedcop.settings import load_settings

_TAGS = re.compile(r"<[^>]+>")


class Reader:
    """Fetches as the server `host` does: signed with the key of its own instance actor."""

    def __init__(self, host: str, bind: str, data_dir: Path) -> None:
        self._app: App = build_app(
            load_settings(
                host=host,
                bind=bind,
                data_dir=data_dir,
                database_url="",
                secret_key="",
                development=True,
            )
        )

    async def get(self, uri: str) -> dict[str, Any]:
        """A document of the other server. Raises Gone for what was deleted."""
        document = await self._app.client.get(uri, await self._app.site_key())
        return document.json

    async def close(self) -> None:
        """Let go of network and database."""
        await self._app.client.client.aclose()
        await self._app.db.close()


@dataclass(frozen=True, slots=True)
class Held:
    """One post as its own server serves it."""

    uri: str
    author: str
    words: str


async def served(root_uri: str, readers: dict[str, Reader]) -> list[Held]:
    """The posts of a conversation in the order of its `context`, each from its own server.

    `readers` are by the host that is asked: each reads with the key of the other server.
    """
    conversation = await readers[_host(root_uri)].get(f"{root_uri}/context")
    found: list[Held] = []
    for uri in cast("list[str]", conversation["orderedItems"]):
        document = await readers[_host(uri)].get(uri)
        if document["id"] != uri:
            raise CheckFailed(f"{uri} says that its id is {document['id']}.")
        words = " ".join(unescape(_TAGS.sub(" ", str(document["content"]))).split())
        found.append(Held(uri, str(document["attributedTo"]), words))
    return found


async def is_gone(uri: str, readers: dict[str, Reader]) -> bool:
    """Whether its own server answers a signed request that it was deleted."""
    try:
        await readers[_host(uri)].get(uri)
    except Gone:
        return True
    return False


async def same_on_both(
    held: list[Held], names: dict[str, str], first: tuple[Browser, str], second: tuple[Browser, str]
) -> list[Shown]:
    """The posts as both pages show them. Raises CheckFailed where they differ from each other, or
    from what is served: authors (`names` by id), words, order, votes."""
    pages = [
        [shown for _, shown in await browser.thread(path)] for browser, path in (first, second)
    ]
    if pages[0] != pages[1]:
        raise CheckFailed(f"The two pages differ: {pages[0]} and {pages[1]}")
    shown = sorted((one.name, one.words) for one in pages[0])
    said = sorted((names[one.author], one.words) for one in held)
    if shown != said:
        raise CheckFailed(f"The pages show {shown}, but what is served is {said}")
    return pages[0]


def _host(uri: str) -> str:
    return uri.partition("://")[2].partition("/")[0]
