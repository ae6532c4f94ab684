"""All the servers there are, in memory, for the tests of what we ask them."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson

AP = "application/activity+json"


class Net:
    """Every server there is: what a URL answers, and what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Callable[[httpx.Request], httpx.Response]] = {}
        self.asked: list[httpx.Request] = []

    def at(self, url: str, status: int = 200, body: Any = b"", **headers: str) -> None:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[url] = lambda _request: httpx.Response(status, content=content, headers=fields)

    def document(self, url: str, id: object = None, type: str = AP, **rest: Any) -> None:
        body = {"id": url if id is None else id, "type": "Note", **rest}
        self.at(url, body=body, content_type=type)

    def script(self, url: str, *answers: tuple[int, dict[str, str]]) -> None:
        """One answer after the other; the last one stays."""
        left = list(answers)

        def page(_request: httpx.Request) -> httpx.Response:
            status, headers = left.pop(0) if len(left) > 1 else left[0]
            return httpx.Response(status, headers=headers)

        self.pages[url] = page

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        page = self.pages.get(str(request.url))
        return httpx.Response(404) if page is None else page(request)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.asked]

    @property
    def specs(self) -> list[str]:
        return [
            "rfc9421" if "signature-input" in request.headers else "cavage"
            for request in self.asked
        ]
