"""`POST` to an inbox: the request as it was on the wire, handed to the receiver."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import TooLarge
from fedcop.inbox.receive import LARGEST, Receiver
from fedcop.uris import Uris
from fedcop.web.routing import Handler


def inbox(receiver: Receiver, uris: Uris) -> Handler:
    """The handler for every inbox of this server: whose it is does not matter, the content does.

    Answers 202 with nothing. Raises what `Receiver.receive` raises: its `status` is the answer.
    """

    async def inbox(request: Request) -> Response:
        content_type = request.headers.get("content-type")
        await receiver.receive(await as_signed(request, uris), content_type)
        return Response(status_code=202)

    return inbox


async def as_signed(request: Request, uris: Uris) -> HttpRequest:
    """The request that its signature is about. Raises TooLarge for more than the limit.

    Path and query are those of the wire, before any decoding; host and scheme are the configured
    ones, whatever a proxy made of them.
    """
    scope = request.scope
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw.partition(b"?")[0] + (b"?" + query if query else b"")
    return HttpRequest(
        method=request.method,
        target=target.decode("latin-1"),
        scheme=uris.base.partition(":")[0],
        authority=uris.host,
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ),
        body=await _body(request),
    )


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            raise TooLarge(f"An activity has at most {LARGEST:,} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)
