"""A person at a browser, for the check: pages are read, forms are sent, one cookie is kept."""

import asyncio
import html
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from fedcop.errors import FedcopError, Temporary, Unreachable
from fedcop.net.client import Answer, Client

T = TypeVar("T")

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_POST = re.compile(
    r'<article class="post[^"]*" id="r(?P<row>\d+)" aria-label="By (?P<name>[^"]*)">'
    r'.*?<div class="prose"[^>]*>(?P<words>.*?)</div>(?P<rest>.*?)</article>',
    re.DOTALL,
)
_HELPFUL = re.compile(r"Helpful(?: · (?P<count>\d+))?|(?P<said>\d+) found this helpful")
_SESSION = re.compile(r"\bfedcop=[\w-]+")
_LOOK_SECONDS = 0.1


class CheckFailed(FedcopError):
    """Something did not happen that should have, or did not happen in time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a page shows it, without the id that it has on that server."""

    name: str
    words: str
    helpful: int


class Browser:
    """One person of the server at `base` (`http://host:port`)."""

    def __init__(self, client: Client, base: str) -> None:
        self._client, self.base = client, base
        self._cookie = ""

    async def get(self, path: str) -> str:
        """A page, after at most three redirects. Raises CheckFailed unless it is there."""
        answer = await self._send("GET", path)
        for _ in range(3):
            if answer.status in {302, 303, 307}:
                path = self._path(answer)
                answer = await self._send("GET", path)
        if answer.status != 200 or path.startswith("/sign-in"):
            raise CheckFailed(f"{self.base}{path} answers {answer.status}.")
        return answer.body.decode()

    async def post(self, path: str, **fields: str) -> str:
        """Send a form; the path to which it leads. Raises CheckFailed unless it was taken."""
        answer = await self._send("POST", path, fields)
        if answer.status != 303:
            raise CheckFailed(f"The form {self.base}{path} was answered {answer.status}.")
        cookie = _SESSION.search(answer.headers.get("set-cookie", ""))
        if cookie is not None:
            self._cookie = cookie[0]
        return self._path(answer)

    async def sent(self, path: str, **fields: str) -> int:
        """Send a form that may be refused; the status of the answer."""
        return (await self._send("POST", path, fields)).status

    async def thread(self, path: str) -> list[tuple[int, Shown]]:
        """The posts of a discussion's page in their order, with their ids on that server."""
        page = await self.get(path)
        return [
            (int(match["row"]), Shown(html.unescape(match["name"]), _plain(match["words"]), votes))
            for match in _POST.finditer(page)
            for votes in [_votes(match["rest"])]
        ]

    async def _send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        headers = {"Accept": "text/html"} | (_FORM if fields is not None else {})
        if self._cookie:
            headers["Cookie"] = self._cookie
        body = urlencode(fields).encode() if fields is not None else None
        return await self._client.send(method, f"{self.base}{path}", headers, body)

    def _path(self, answer: Answer) -> str:
        parts = urlsplit(answer.headers.get("location", "/"))
        if parts.netloc and f"http://{parts.netloc}" != self.base:
            raise CheckFailed(f"{answer.url} leads to another server: {parts.netloc}")
        return f"{parts.path}?{parts.query}".rstrip("?") if parts.query else parts.path


def _plain(words: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", words)).split())


def _votes(rest: str) -> int:
    match = _HELPFUL.search(rest)
    return int(match["count"] or match["said"] or 0) if match else 0


async def until(what: str, look: Callable[[], Awaitable[T | None]], seconds: float) -> T:
    """Look again and again until something is there. Raises CheckFailed when time is over."""
    end = time.monotonic() + seconds
    trouble = ""
    while True:
        try:
            found = await look()
        except (CheckFailed, Temporary, Unreachable) as error:
            found, trouble = None, f" ({error})"
        if found is not None:
            return found
        if time.monotonic() > end:
            raise CheckFailed(f"Not within {seconds:.0f} s: {what}{trouble}")
        await asyncio.sleep(_LOOK_SECONDS)
