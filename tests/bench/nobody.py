"""A network in which nobody answers: a measurement must not ask anybody."""

import httpx


class Nobody(httpx.AsyncBaseTransport):
    """Every host is silent."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody answers", request=request)
