"""Pages that are kept for readers who are not signed in, as long as what they rest on is the same.

A page belongs to an address, a language and what stands in the frame; it is handed out only while
this process has changed none of the tables that it rests on, or else to who brings the same stamp
of its content. What is changed by work for which nobody waits, and by another process of this
server, counts within a second: the stamps are compared when a reader has the page, so that none
waits for it, and at the latest then. After a minute it is made anew: it says how long ago something
was. The page of a signed-in member never comes here.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from fedcop.db.changes import Changes, Version
from fedcop.web.auth.asking import house
from fedcop.web.locale import language_of
from fedcop.web.render import NOTICE_COOKIE, answered, site_name, source_url
from fedcop.web.viewer import viewer_of

LIFETIME, COMPARED = 60.0, 1.0
RESTS_ON = (
    *("posts", "attachments", "actors", "communities", "memberships", "host_policies"),
    "site",
)
"""The tables that the stamp of a page is made of. Of `hosts` it is only whether they are blocked,
which changes with `host_policies`; the rest of it changes whenever one answers, or is heard of."""
MOST_ASKED = 1_000
MOST_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class _Page:
    stamp: object
    version: Version
    body: bytes
    headers: dict[str, str]
    compared: float
    until: float


class KeptPages:
    """The pages that were asked for last, of one server, of so many bytes together."""

    def __init__(self, changes: Changes, most_bytes: int = MOST_BYTES) -> None:
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._asked: OrderedDict[Hashable, None] = OrderedDict()
        self._changes = changes
        self._making: dict[Hashable, asyncio.Event] = {}
        self._most, self._bytes = most_bytes, 0

    def version(self) -> Version:
        """To be noted before the stamp is read."""
        return self._changes.version(RESTS_ON)

    @contextmanager
    def making(self, request: Request) -> Generator[None]:
        """Held while a page is compared or made: who asks meanwhile waits, and then gets that."""
        key = _key(request)
        ended = self._making[key] = asyncio.Event()
        try:
            yield
        finally:
            del self._making[key]
            ended.set()  # all go on at once: a lock would be passed on once in a round of the loop

    def is_made(self, request: Request) -> bool:
        """Whether the page is being compared or made."""
        return _key(request) in self._making

    async def made(self, request: Request) -> None:
        """Wait until it has been."""
        await self._making[_key(request)].wait()

    def unchanged(
        self, request: Request, compare: Callable[[], Awaitable[object]] | None = None
    ) -> Response | None:
        """The page, or 304 for who has it; None if its stamp must be compared first.

        `compare` is called when it has been sent, if it is time.
        """
        page, version = self._pages.get(_key(request)), self.version()
        now = time.monotonic()
        if page is None or min(page.until, page.compared + COMPARED) < now:
            return None
        if page.version[0] != version[0]:
            return None
        sent = self._sent(request, page)
        aged = page.version != version or page.compared + COMPARED / 2 < now
        if aged and compare is not None and not self.is_made(request):
            sent.background = BackgroundTask(compare)
        return sent

    def wanted(self, request: Request) -> bool:
        """Whether it is worth asking for the stamp: not for a page that nobody asked for lately."""
        key = _key(request)
        known = key in self._asked
        self._asked[key] = None
        self._asked.move_to_end(key)
        if len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)
        return known

    def find(self, request: Request, stamp: object, version: Version) -> Response | None:
        """The page, or 304 for who has it; None if it must be made."""
        page = self._pages.get(_key(request))
        now = time.monotonic()
        if page is None or page.until < now or page.stamp != stamp:
            return None
        page.version, page.compared = version, now
        return self._sent(request, page)

    def _sent(self, request: Request, page: _Page) -> Response:
        self._pages.move_to_end(_key(request))
        return answered(request, page.body, 200, page.headers)

    def keep(self, request: Request, stamp: object, version: Version, response: Response) -> None:
        """Keep an answer that anyone may see; any other is passed over."""
        headers = dict(response.headers)
        if response.status_code != 200 or not headers.get("cache-control", "").startswith("public"):
            return
        for name in ("content-length", "content-type"):
            headers.pop(name, None)
        key, body, now = _key(request), bytes(response.body), time.monotonic()
        self._drop(key)
        self._pages[key] = _Page(stamp, version, body, headers, now, now + LIFETIME)
        self._bytes += _weight(body)
        while self._bytes > self._most:
            self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        """Forget all."""
        self._pages.clear()
        self._asked.clear()
        self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._bytes -= _weight(page.body)


def is_for_anyone(request: Request) -> bool:
    """Whether the answer is the same for everybody who is not signed in: no member, no question, no
    notice that was left for somebody."""
    return (
        request.method in {"GET", "HEAD"}
        and viewer_of(request) is None
        and not request.url.query
        and NOTICE_COOKIE not in request.cookies
    )


def kept_pages(request: Request) -> KeptPages:
    """The pages that this server keeps."""
    found: object = getattr(request.app.state, "kept_pages", None)
    if not isinstance(found, KeptPages):
        found = request.app.state.kept_pages = KeptPages(house(request).db.changes)
    return found


def _key(request: Request) -> Hashable:
    return request.url.path, language_of(request), site_name(request), source_url(request)


def _weight(body: bytes) -> int:
    """The page, and about as much again for what it rests on."""
    return 2 * len(body) + 1_000
