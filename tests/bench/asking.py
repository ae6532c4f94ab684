"""A GET of an application in this process, without a client that costs more than the answer."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(app: ASGIApp, host: str, path: str, **headers: str) -> Got:
    """What `path` answers; `if_none_match="…"` is sent as `If-None-Match`."""
    sent: list[Message] = []
    path, _, query = path.partition("?")
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", host.encode()), *given],
        "client": ("192.0.2.1", 50_000),
        "server": (host, 443),
    }
    await app(scope, receive, send)
    head, *rest = sent
    names = {name.decode().lower(): value.decode() for name, value in head["headers"]}
    return Got(head["status"], names, b"".join(part.get("body", b"") for part in rest))
