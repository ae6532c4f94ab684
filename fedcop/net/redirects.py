"""Redirects of a GET, followed by hand: each target is checked like the first URL."""

from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

from fedcop.errors import Malformed
from fedcop.net.client import Answer
from fedcop.net.urls import canonical_url, without_fragment

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def follow(
    ask: Callable[[str], Awaitable[Answer]], url: str, *, hops: int = 3, development: bool = False
) -> Answer:
    """Ask `url`, and then wherever it points, at most `hops` times.

    `ask` sends one request, and so signs each hop anew; `url` must be canonical. The answer's `url`
    is where it came from in the end. Raises Malformed for a target that is missing or not a URL
    that we go to, and for one redirect too many; besides, what `ask` raises.
    """
    for _ in range(hops + 1):
        answer = await ask(url)
        target = redirect_target(answer, development=development)
        if target is None:
            return answer
        url = target
    raise Malformed(f"The answer leads on to other places more than {hops} times.")


def redirect_target(answer: Answer, *, development: bool = False) -> str | None:
    """Where a redirect leads, as a canonical URL without fragment; None if it is no redirect.

    Raises Malformed if it leads nowhere that we go.
    """
    if answer.status not in _REDIRECTS:
        return None
    return target_of(answer.headers.get("location", ""), answer.url, development=development)


def target_of(location: str, url: str, *, development: bool = False) -> str:
    """Where the `Location` of an answer of `url` leads, as a canonical URL without fragment.

    Raises Malformed if it leads nowhere that we go.
    """
    try:
        target = urljoin(url, location) if location else ""
    except ValueError as error:
        raise Malformed("The answer redirects to something that is no URL.") from error
    return canonical_url(without_fragment(target), development=development)
