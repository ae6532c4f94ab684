"""The request that a signature is about, as it was on the wire."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from fedcop.errors import Malformed

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"https?://[!-~]+")


@dataclass(slots=True)  # not frozen: that makes each one four times as dear
class HttpRequest:
    """One request, untouched.

    `target` is path and query exactly as received; `authority` is the host (with a port that is
    not the scheme's own) that this server is configured with, never what a proxy passes on
    (lemmy#6581); `headers` are lower-case names with their values as ISO 8859-1 text, in the order
    of the wire, duplicates kept.
    """

    method: str
    target: str
    scheme: str
    authority: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    _last: dict[str, str] = field(init=False, repr=False, compare=False)
    _repeated: dict[str, list[str]] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._last = dict(self.headers)
        self._repeated = None
        if len(self._last) != len(self.headers):
            self._repeated = {}
            for name, value in self.headers:
                self._repeated.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of a header (lower-case `name`), in the order of the wire."""
        if self._repeated is not None:
            return self._repeated.get(name, [])
        value = self._last.get(name)
        return [] if value is None else [value]

    def one(self, name: str) -> str | None:
        """The value of a header (lower-case `name`), None if it is absent.

        Raises:
            Malformed: it is there more than once, so that two readers might see two values.
        """
        if self._repeated is not None:
            many = len(self._repeated.get(name, ()))
            if many > 1:
                raise Malformed(f"Send the header {name} once, not {many} times.")
        return self._last.get(name)

    @property
    def has_body(self) -> bool:
        """Whether a digest must be signed: bytes were sent, or the method is one that sends."""
        return bool(self.body) or self.method == "POST"


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL as a request sees it: `authority` has a port only if it is not the scheme's own."""

    scheme: str
    authority: str
    target: str

    @property
    def uri(self) -> str:
        """The URL without its fragment."""
        return f"{self.scheme}://{self.authority}{self.target}"


@lru_cache(maxsize=4_096)
def destination(url: str) -> Destination:
    """Take apart the URL of a request that we are about to send.

    Raises:
        Malformed: not an absolute http(s) URL in ASCII, or one with user information.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Malformed(f"Use an absolute http(s) URL: {error}.") from error
    if not _URL.fullmatch(url) or not host or "@" in parts.netloc:
        raise Malformed("Use an absolute http(s) URL in ASCII, without user information.")
    name = f"[{host}]" if ":" in host else host
    authority = name if port in {None, _PORTS[parts.scheme]} else f"{name}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, authority, target)
