"""Fetches and deliveries of ActivityPub documents, signed for each request."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from typing import Any

from cachetools import LRUCache

from fedcop.activitypub import json
from fedcop.activitypub.signatures import cavage, rfc9421
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.errors import Gone, Malformed, NotAllowed, NotFound, Unreachable
from fedcop.net.client import Answer, Client
from fedcop.net.limits import within
from fedcop.net.posted import Posted
from fedcop.net.redirects import follow, target_of
from fedcop.net.urls import canonical_url, host_of, same_host, without_fragment

ACTIVITY_JSON = "application/activity+json"
PROFILE = "https://www.w3.org/ns/activitystreams"
_ACCEPT = {"Accept": f'{ACTIVITY_JSON}, application/ld+json; profile="{PROFILE}"'}
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*("[^"]*"|[^\s;"]+)\s*')
_LONGEST_WAIT = 24 * 3600
_HOSTS_REMEMBERED = 4096
_KNOCK_AGAIN_GET = frozenset({400, 401, 403})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_KNOCK_AGAIN_POST = frozenset({400, 401})

CAVAGE, RFC9421 = "cavage", "rfc9421"
_OTHER = {CAVAGE: RFC9421, RFC9421: CAVAGE}
_Sign = Callable[[str, str, bytes | None, PrivateKey, datetime], dict[str, str]]
_SIGN: Mapping[str, _Sign] = {CAVAGE: cavage.sign, RFC9421: rfc9421.sign}


@dataclass(frozen=True, slots=True)
class Document:
    """What a server said about `uri`, which is the document's own id and where it was read."""

    uri: str
    body: bytes
    json: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """How an inbox answered: the status, the signature to begin with next time, the wait asked.

    `page`: it was taken with a web page, as whoever owns a lapsed name now takes everything.
    """

    status: int
    spec: str
    retry_after: int | None
    page: bool = False


class ActivityPubClient:
    """Speaks to other servers as one of our actors; `development` allows http and ports.

    `client` is the HTTP client beneath, for what nobody signs for: WebFinger and NodeInfo.
    """

    def __init__(self, client: Client, *, development: bool = False) -> None:
        self.client = client
        self._development = development
        self._spec_of: LRUCache[str, str] = LRUCache(_HOSTS_REMEMBERED)

    async def get(self, uri: str, key: PrivateKey | None, *, deadline: float = 10.0) -> Document:
        """The document whose id is `uri` (without its fragment), read from where it lives.

        At most three redirects, each checked and signed for its target. A document that says
        another id than where it was read is fetched once more, from that id, without redirects: so
        what comes back is always said by the host of its own id, but its `uri` may not be the one
        that was asked for. `key` signs; None asks unsigned. `deadline` is in seconds, for all.

        Raises Gone (410, or a Tombstone), NotAllowed (401, 403), NotFound (other 4xx), Unreachable
        (408, 429, 5xx, no answer; `after` as the server asks), TooLarge, and Malformed for whatever
        is not an ActivityPub document with an id, or not under its id.
        Source: Mastodon's and Lemmy's rules for fetched objects (CVE-2024-23832, CVE-2024-25623).
        """
        url = canonical_url(without_fragment(uri), development=self._development)
        async with within(deadline, host_of(url)):
            found, read_at = await self._read(url, key, deadline, hops=3)
            if found.uri != read_at:
                found, read_at = await self._read(found.uri, key, deadline, hops=0)
                if found.uri != read_at:
                    raise Malformed(f"The document at {read_at} says that its id is {found.uri}.")
        if found.json.get("type") == "Tombstone":
            raise Gone(f"{found.uri} has been deleted.")
        return found

    async def post(
        self,
        inbox: str,
        body: bytes,
        key: PrivateKey,
        *,
        spec: str = CAVAGE,
        deadline: float = 10.0,
    ) -> Delivered:
        """Deliver `body` to `inbox`, signed by `key` right before it is sent.

        `spec` (`cavage` or `rfc9421`) is tried first; after 400 or 401 the other one once. The
        spec of the result is the one to begin with next time: the other one if it was accepted, or
        what the server asks for by `Accept-Signature`. A 307 or 308 within the host is followed
        once; every other redirect is the answer. `deadline` is in seconds, for all.

        Raises Unreachable if there is no answer, Malformed if `inbox` is no URL that we go to.
        """
        url = _inbox(inbox, development=self._development)
        end = asyncio.get_running_loop().time() + deadline
        first = await self._deliver(url, body, key, spec, end)
        other = _spec_after(first, spec)
        if first.status not in _KNOCK_AGAIN_POST or other == spec:
            return _delivered(first, other)
        second = await self._deliver(url, body, key, other, end)
        if second.status in _KNOCK_AGAIN_POST:
            return _delivered(first, spec)
        # only an acceptance shows that the other one is read there
        proven = other if 200 <= second.status < 300 else spec
        return _delivered(second, _spec_after(second, proven))

    async def _read(
        self, url: str, key: PrivateKey | None, deadline: float, hops: int
    ) -> tuple[Document, str]:
        """The document at `url` under the id that it says, and where it was read in the end."""
        ask = partial(self._ask, key, deadline)
        answer = await follow(ask, url, hops=hops, development=self._development)
        raise_for(answer)
        if not is_activity_json(answer.headers.get("content-type", "")):
            raise Malformed(f"{answer.url} is not an ActivityPub document by its content type.")
        document = json.loads(answer.body)
        said = document.get("id")
        if not isinstance(said, str):
            raise Malformed(f"The document at {answer.url} has no id.")
        said = canonical_url(said, development=self._development)
        return Document(said, answer.body, document), answer.url

    async def _ask(self, key: PrivateKey | None, deadline: float, url: str) -> Answer:
        if key is None:
            return await self.client.send("GET", url, _ACCEPT, deadline=deadline)
        host = host_of(url)
        spec = self._spec_of.get(host, CAVAGE)
        answer = await self._signed(url, key, spec, deadline)
        if answer.status in _KNOCK_AGAIN_GET:
            second = await self._signed(url, key, _OTHER[spec], deadline)
            if second.status not in _KNOCK_AGAIN_GET:
                self._spec_of[host] = _OTHER[spec]
                return second
        return answer

    async def _deliver(
        self, url: str, body: bytes, key: PrivateKey, spec: str, end: float
    ) -> Posted:
        answer = await self._posted(url, body, key, spec, end)
        if answer.status not in {307, 308}:
            return answer
        try:
            location = answer.headers.get("location", "")
            target = target_of(location, url, development=self._development)
        except Malformed:
            return answer
        if not same_host(target, url):
            return answer
        return await self._posted(target, body, key, spec, end)

    async def _posted(
        self, url: str, body: bytes, key: PrivateKey, spec: str, end: float
    ) -> Posted:
        def fields() -> dict[str, str]:
            return _ACCEPT | _SIGN[spec]("POST", url, body, key, datetime.now(UTC))

        return await self.client.deliver(url, fields, body, end)

    async def _signed(self, url: str, key: PrivateKey, spec: str, deadline: float) -> Answer:
        headers = _ACCEPT | _SIGN[spec]("GET", url, None, key, datetime.now(UTC))
        return await self.client.send("GET", url, headers, deadline=deadline)


@lru_cache(maxsize=8_192)
def _inbox(text: str, *, development: bool) -> str:
    return canonical_url(text, development=development)


def _delivered(answer: Posted, spec: str) -> Delivered:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    page = 200 <= answer.status < 300 and kind in _PAGES
    return Delivered(answer.status, spec, retry_after(answer.headers), page)


def raise_for(answer: Answer) -> None:
    """Return if a GET was answered by 200, and raise what its status means otherwise.

    Gone 410, NotAllowed 401 and 403, NotFound other 4xx, Unreachable 408, 429 and 5xx, Malformed
    for whatever has no business here.
    """
    status = answer.status
    if status == 200:
        return
    if status in {408, 429} or status >= 500:
        wait = retry_after(answer.headers)
        raise Unreachable(
            f"{host_of(answer.url)} cannot answer now ({status}); try again later.",
            30 if wait is None else wait,
        )
    if status in {401, 403}:
        raise NotAllowed(f"{answer.url} is not for us to read ({status}).")
    if status == 410:
        raise Gone(f"{answer.url} has been deleted.")
    if status >= 400:
        raise NotFound(f"{answer.url} is not there ({status}).")
    raise Malformed(f"{answer.url} answers {status} instead of a document.")


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds to wait that `Retry-After` asks for, at most a day; None if it says nothing.

    Both forms of RFC 9110, section 10.2.3: seconds, and a date.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        seconds = round((at - datetime.now(UTC)).total_seconds())
    return min(max(seconds, 0), _LONGEST_WAIT)


def _spec_after(answer: Posted, spec: str) -> str:
    """The signature for the next request: RFC 9421 if it is asked for, the other after a no."""
    if "accept-signature" in answer.headers:
        return RFC9421
    return _OTHER[spec] if answer.status in _KNOCK_AGAIN_POST else spec


def is_activity_json(content_type: str) -> bool:
    """Whether a media type is one of the two of ActivityPub, in any case, with any parameters."""
    kind, _, rest = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == ACTIVITY_JSON:
        return True
    if kind != "application/ld+json":
        return False
    parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(f";{rest}")}
    return PROFILE in parameters.get("profile", "").split()
