"""The one HTTP client: one request, one answer, within its time and size."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import httpx

from fedcop.errors import FedcopError, Malformed, TooLarge
from fedcop.metrics import Metrics
from fedcop.net.limits import Origins, unreachable
from fedcop.net.posted import Fields, Posted, PostingTransport
from fedcop.net.urls import host_of

_TROUBLE = (TimeoutError, httpx.TransportError, httpx.StreamError)
Guard = Callable[[str], Awaitable[None]]
_SKIM = 1 << 16  # enough of an error page; more is not worth keeping the connection for


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: `headers` have lower-case names; `url` is what was asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Client:
    """Asks other servers over `transport`, past httpx's own client.

    The URL must be canonical (`net.urls`). Redirects are answers here, not followed.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        user_agent: str,
        metrics: Metrics | None = None,
    ) -> None:
        self._transport = transport
        posts_itself = isinstance(transport, PostingTransport)
        self._post = transport.post if posts_itself else self._post_by_httpx
        self._always = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
        self._metrics = metrics
        self._origins = Origins()
        self.guard: Guard | None = None
        """Told the host of every request before it goes out; what it raises is raised."""

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        deadline: float = 10.0,
        limit: int = 1 << 20,
        status_only: bool = False,
    ) -> Answer:
        """Send one request, and read the answer to its end.

        At most four GETs to a host at a time; waiting for a turn counts towards `deadline` (in
        seconds), as does a body that trickles.

        The body of an answer that is not 2xx, or of any answer with `status_only`, is skimmed:
        what came of its first 64 KiB is kept, and its size, coding or slowness is no error.

        Raises Unreachable for no connection, a refused address, a broken or late answer; TooLarge
        for a body of more than `limit` bytes; Malformed for a body in a coding that we did not ask
        for, or a URL that cannot be asked; and whatever the `guard` raises.
        """
        if self.guard is not None:
            await self.guard(host_of(url))
        end = asyncio.get_running_loop().time() + deadline
        request = self._request(method, url, headers, body)
        if method != "GET":
            return await self._exchange(request, url, end, limit=limit, status_only=status_only)
        async with self._counted(), self._origins.turn(host_of(url), end):
            return await self._exchange(request, url, end, limit=limit, status_only=status_only)

    async def deliver(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """POST `body`, and tell how that was answered before `end` (a time of the loop).

        `fields` makes the headers of each attempt, when its connection is there. What comes of the
        body of the answer makes no difference. Raises Unreachable, Malformed and whatever the
        `guard` raises, as `send` does.
        """
        host = host_of(url)
        if self.guard is not None:
            await self.guard(host)

        def all_fields() -> dict[str, str]:
            return {**fields(), **self._always}

        try:
            return await self._post(url, all_fields, body, end)
        except _TROUBLE as error:
            raise unreachable(host) from error

    async def _post_by_httpx(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """For a transport that knows requests alone: what a test puts other servers behind."""
        request = self._request("POST", url, fields(), body)
        answer = await self._exchange(request, url, end, limit=0, status_only=True)
        return Posted(answer.status, answer.headers)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Request:
        """The request, past httpx's own way of adding to it, which costs as much as sending it."""
        fields = {**headers, **self._always}
        if not any(name.lower() == "host" for name in headers):
            fields["Host"] = host_of(url)
        if body is not None:
            fields["Content-Length"] = str(len(body))
        return httpx.Request(
            method, _parsed(url), headers=fields, stream=httpx.ByteStream(body or b"")
        )

    @asynccontextmanager
    async def _counted(self) -> AsyncGenerator[None]:
        outcome = "answered"
        try:
            yield
        except FedcopError as error:
            outcome = type(error).__name__.lower()
            raise
        finally:
            if self._metrics is not None:
                self._metrics.fetched.labels(outcome=outcome).inc()

    async def _exchange(
        self, request: httpx.Request, url: str, end: float, *, limit: int, status_only: bool
    ) -> Answer:
        try:
            async with asyncio.timeout_at(end):
                response = await self._transport.handle_async_request(request)
        except _TROUBLE as error:
            raise unreachable(host_of(url)) from error
        status = response.status_code
        headers = _headers(response)
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            if status_only or not 200 <= status < 300:
                body = await _skim(stream, headers, end)
            else:
                body = await _read(stream, headers, end, limit)
        except _TROUBLE as error:
            raise unreachable(host_of(url)) from error
        finally:
            await stream.aclose()
        return Answer(status, headers, body, url)


@lru_cache(maxsize=4096)
def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Malformed("This is not a URL that we can ask.") from error


async def _read(
    stream: httpx.AsyncByteStream, headers: Mapping[str, str], end: float, limit: int
) -> bytes:
    if _encoded(headers):
        raise Malformed("The answer is compressed, although we asked for it as it is.")
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout_at(end):
        async for chunk in stream:
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"The answer is longer than {limit:,} bytes.")
            chunks.append(chunk)
    return b"".join(chunks)


async def _skim(stream: httpx.AsyncByteStream, headers: Mapping[str, str], end: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout_at(end):
            async for chunk in stream:
                chunks.append(chunk)
                size += len(chunk)
                if size > _SKIM:
                    break
    except _TROUBLE:
        pass  # the status has arrived, and that is what was wanted
    return b"" if _encoded(headers) else b"".join(chunks)[:_SKIM]


def _headers(response: httpx.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _encoded(headers: Mapping[str, str]) -> bool:
    codings = headers.get("content-encoding")
    return codings is not None and any(
        coding.strip().lower() not in {"", "identity"} for coding in codings.split(",")
    )
