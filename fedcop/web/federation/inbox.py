"""`POST` to an inbox, answered before the rest of the site is asked: most requests are this one."""

import asyncio
import re
import time
from typing import Protocol

import orjson
from prometheus_client import Counter
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import (
    FedcopError,
    Invalid,
    Malformed,
    Misdirected,
    Temporary,
    TooLarge,
    TooMany,
    TooSlow,
)
from fedcop.ids import new_id
from fedcop.inbox.receive import LARGEST
from fedcop.log import logger
from fedcop.metrics import Metrics
from fedcop.net.urls import host_of
from fedcop.uris import Uris
from fedcop.web.federation.tally import Tally
from fedcop.web.negotiate import ACTIVITY_JSON

Headers = list[tuple[bytes, bytes]]

BODY_SECONDS = 30.0
"""Within this the whole body has to be here."""
_LATER = 30
_PATH = re.compile(r"/(?:[uc]/[^/\0]+/)?inbox")
_KEY_ID = re.compile(r'keyid="([^"]{1,2048})"', re.IGNORECASE)
_EMPTY: Headers = [(b"content-length", b"0")]
_ALWAYS: Headers = [
    (b"content-type", ACTIVITY_JSON.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
_log = logger("inbox")


class Receives(Protocol):
    """What stands behind the door: the `Receiver` of the inbox."""

    async def receive(self, request: HttpRequest, content_type: str | None) -> None: ...


class InboxDoor:
    """A raw ASGI application for every inbox: whose it is does not matter, the content does.

    It answers 202 with nothing, or what `Receiver.receive` raises, as JSON. It stands before the
    middlewares of the site and does for itself what they do for a page: the host is checked, the
    size counted, the request counted and logged (in sums, see `Tally`), and a mistake of ours is
    told with its traceback and answered 503.
    """

    def __init__(self, receiver: Receives, uris: Uris, metrics: Metrics) -> None:
        self._receiver, self._uris, self._metrics = receiver, uris, metrics
        self._counters: dict[int, Counter] = {}
        host = uris.host.lower()
        self._hosts = frozenset({host, f"{host}:443", f"{host}:80"})
        self._accepted = metrics.requests.labels("POST", "202")
        self.tally = Tally()

    @staticmethod
    def answers(scope: Scope) -> bool:
        """Whether a request is for this door.

        With a slash at the end, too: PieFed follows no redirect.
        """
        if scope["type"] != "http" or scope["method"] != "POST":
            return False
        path: str = scope["path"].rstrip("/")
        return path == "/inbox" or (path.endswith("/inbox") and _PATH.fullmatch(path) is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        try:
            request = as_signed(scope, self._uris)
            self._check(request)
            request.body = await _body(receive)
            await self._receiver.receive(request, request.one("content-type"))
        except ClientDisconnect:
            self._metrics.requests.labels("POST", "499").inc()
            return
        except FedcopError as error:
            status = 400 if isinstance(error, Invalid) else error.status  # 422 is not expected here
            headers, body = _refusal(status, error.words, _retry_after(error))
            self._note(scope, status, f"{type(error).__name__}: {error}")
        except Exception:  # noqa: BLE001  whatever it was, the sender comes again
            status, number = 503, f"{new_id():x}"
            _log.exception("unexpected", request=number, path=scope["path"])
            headers, body = _refusal(status, f"Not at the moment ({number}).", _LATER)
            self._note(scope, status, "unexpected")
        else:
            status, headers, body = 202, _EMPTY, b""
            self._accepted.inc()
            self.tally.accept()
        self._metrics.request_seconds.observe(time.perf_counter() - began)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _check(self, request: HttpRequest) -> None:
        """Whether it is for this server, and its body worth reading."""
        host = request.one("host") or ""
        if host not in self._hosts and host.lower().rstrip(".") not in self._hosts:
            raise Misdirected(f"This server is {self._uris.host}.")
        declared = request.one("content-length") or ""
        if declared.isdecimal() and int(declared) > LARGEST:
            raise _too_large()

    def _note(self, scope: Scope, status: int, reason: str) -> None:
        counter = self._counters.get(status)
        if counter is None:
            counter = self._counters[status] = self._metrics.requests.labels("POST", str(status))
        counter.inc()
        self.tally.refuse(status, reason[:200], _claimed(scope))


def _refusal(status: int, words: str, after: int) -> tuple[Headers, bytes]:
    body = orjson.dumps({"error": words})
    headers = [(b"content-length", b"%d" % len(body)), *_ALWAYS]
    if status == 401:
        headers.append((b"www-authenticate", b"Signature"))
    if after:
        headers.append((b"retry-after", b"%d" % after))
    return headers, body


def as_signed(scope: Scope, uris: Uris) -> HttpRequest:
    """The request that its signature is about, still without its body.

    Path and query are those of the wire, before any decoding; host and scheme are the configured
    ones, whatever a proxy made of them.
    """
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw.partition(b"?")[0] + (b"?" + query if query else b"")
    scheme = uris.base.partition(":")[0]
    method: str = scope["method"]
    return HttpRequest(method, target.decode("latin-1"), scheme, uris.host, _headers(scope), b"")


def _headers(scope: Scope) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    # all at once: a call for each name and value takes longer than the rest of the request
    texts = b"\n".join([part for pair in pairs for part in pair]).decode("latin-1").split("\n")
    if len(texts) != 2 * len(pairs):
        raise Malformed("Send headers of one line.")
    return tuple(zip(texts[::2], texts[1::2], strict=True))


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _rest(body, receive)
        except TimeoutError as error:
            raise TooSlow("Send the whole body within half a minute.") from error
    if len(body) > LARGEST:
        raise _too_large()
    return body


async def _rest(first: bytes, receive: Receive) -> bytes:
    chunks, size, more = [first], len(first), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST:
            raise _too_large()
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large() -> TooLarge:
    return TooLarge(f"An activity has at most {LARGEST:,} bytes.")


def _retry_after(error: FedcopError) -> int:
    return error.after if isinstance(error, TooMany | Temporary) else 0


def _claimed(scope: Scope) -> str:
    """The host that the signature claims; nothing proves it."""
    for name, value in scope["headers"]:
        if name in {b"signature", b"signature-input"}:
            key_id = _KEY_ID.search(value.decode("latin-1"))
            return host_of(key_id[1])[:253] if key_id else ""
    return ""
