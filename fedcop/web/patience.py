"""How long a connection may take to say what it wants: uvicorn itself would wait for ever."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 20.0
"""Within this a request has to be here, first byte of the headers to last byte of the body."""
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which closes a connection whose request does not come to its end.

    Hundreds of sockets that send a byte now and then (slowloris) would hold their memory and their
    descriptors. Whoever was not answered yet is told 408.
    """

    _deadline: asyncio.TimerHandle | None = None
    _arriving = True
    _has_headers = False

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride]  as in uvicorn
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # most requests come in one piece: then there is nothing to wait for
        if self._arriving and self._deadline is None:
            self._wait()

    def on_message_begin(self) -> None:
        self._arriving, self._has_headers = True, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._has_headers = True

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._arrived()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _arrived(self) -> None:
        self._arriving = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if not self._has_headers or not self.cycle.response_started:
            self.transport.write(_TOO_SLOW)
        self.transport.close()
