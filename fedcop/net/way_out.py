"""The server's wire to others, loaded when something goes out for the first time."""

import asyncio
from importlib import import_module

import httpx

from fedcop.net.posted import Fields, Posted, PostingTransport


class WayOut(PostingTransport):
    """`AiohttpTransport`, as one is made with these words; see there.

    aiohttp, and the authorities that it reads when it is loaded, are an eighth of what a server
    would load before its first page. They are loaded in a thread: nobody is held up.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._wire: PostingTransport | None = None
        self._loading = asyncio.Lock()

    async def post(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """A delivery; the time for loading counts, too."""
        wire = self._wire or await self._load()
        return await wire.post(url, fields, body, end)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wire = self._wire or await self._load()
        return await wire.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection; the transport cannot be used any more."""
        if self._wire is not None:
            await self._wire.aclose()

    async def _load(self) -> PostingTransport:
        async with self._loading:
            if self._wire is not None:
                return self._wire
            module = await asyncio.to_thread(import_module, "fedcop.net.transport")
            wire = self._wire = module.AiohttpTransport(allow_private=self._allow_private)
            return wire
