"""What is done to every request: number, log line, figures, headers, limits, compression."""

import time
from collections.abc import Collection

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

from fedcop.errors import Sentence, TooLarge
from fedcop.ids import new_id
from fedcop.log import logger
from fedcop.metrics import Metrics
from fedcop.settings import Settings
from fedcop.web.errors import answer, unexpected

MAX_BODY = 1 << 20
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HSTS = "max-age=31536000"
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = logger("web")


def stack(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """The middlewares of a server, outermost first, for `Starlette(middleware=...)`."""
    return [
        Middleware(SecurityHeaders, hsts=not settings.development),
        Middleware(Requests, metrics=metrics),
        Middleware(HostCheck, host=settings.host),
        Middleware(CompressMiddleware),
        Middleware(BodyLimit),
    ]


def security_headers(*, hsts: bool) -> dict[str, str]:
    """What every answer tells a browser."""
    return {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        **({"Strict-Transport-Security": HSTS} if hsts else {}),
    }


class Requests:
    """Numbers a request, logs one line for it, counts it, and catches what nobody expected.

    The number is in `request.state.request_id`, in every log line, and in `X-Request-Id`. An
    exception that reaches this place is a mistake of ours: it is logged with its traceback, and
    answered 503, unless the answer has begun; then it goes on, so that the connection breaks
    rather than that half an answer looks whole.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = f"{new_id():x}"
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state.setdefault("viewer", None)
        status, ended = 0, 0.0

        async def observe(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)
            if not message.get("more_body"):
                ended = time.perf_counter()  # for what is done after that nobody waits

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self.app(scope, receive, observe)
            except ClientDisconnect:
                status = status or 499  # the number that web servers log for who hung up
            except Exception:
                _log.exception("unexpected", method=scope["method"], path=scope["path"])
                if status:
                    raise
                await _apology(scope)(scope, receive, observe)
            finally:
                self._tell(scope, status, (ended or time.perf_counter()) - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, str(status)).inc()
        self.metrics.request_seconds.observe(seconds)
        more = {"error": scope["state"]["error"]} if "error" in scope["state"] else {}
        _log.info(
            "request",
            method=method,
            path=scope["path"],
            status=status,
            ms=round(seconds * 1000, 1),
            **more,
        )


def _apology(scope: Scope) -> Response:
    """The page for a mistake; bare words where the mistake is in the page itself."""
    try:
        return unexpected(Request(scope))
    except Exception as error:  # noqa: BLE001 - whatever it is, the asker gets an answer
        _log.error("the error page failed, too", exc_info=error)
        return PlainTextResponse(
            "Not at the moment. Try again in 30 seconds.\n", 503, {"Retry-After": "30"}
        )


class SecurityHeaders:
    """Tells browsers what a page may do (ecosystem of strict CSP: no inline script or style).

    A header that the answer brings itself stands.
    """

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self.app = app
        self.headers = security_headers(hsts=hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, add)


class HostCheck:
    """Answers 421 to any `Host` but ours, so that no other name can point at this server.

    Pages, ids and the check of signatures all rest on the name. `exempt` paths answer to any,
    because a probe of the machine asks by address.
    """

    def __init__(self, app: ASGIApp, host: str, exempt: Collection[str] = PROBES) -> None:
        self.app = app
        self.accepted = {host.lower(), f"{host.lower()}:443", f"{host.lower()}:80"}
        self.exempt = frozenset(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.exempt:
            request = Request(scope)
            if request.headers.get("host", "").lower().rstrip(".") not in self.accepted:
                await answer(request, HTTPException(421))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses a body of more than `limit` bytes: by its declared length, else as it arrives."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self.limit:
            await answer(request, self._refusal())(scope, receive, send)
            return
        taken = 0

        async def count() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise self._refusal()
            return message

        await self.app(scope, count, send)

    def _refusal(self) -> TooLarge:
        return TooLarge(Sentence("Send at most {most} bytes at once.", most=self.limit))
