"""What a transport that posts deliveries by itself is given, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

Fields = Callable[[], Mapping[str, str]]
"""Makes the header fields of one attempt, signature included, when its connection is there."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How a POST was answered; names of `headers` are found in whatever case."""

    status: int
    headers: Mapping[str, str]


class PostingTransport(httpx.AsyncBaseTransport):
    """A wire for requests of httpx, and, past those, for deliveries."""

    async def post(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """Send `body` with `fields`; the answer has to begin before `end` (a time of the loop)."""
        raise NotImplementedError
