"""The one table from the paths in the cases, which are names of fixtures, to the product's URLs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from tests.hostile.payloads import Unknown
from tests.hostile.people import base
from tests.hostile.world import World

FORM = "application/x-www-form-urlencoded"
_SAFE = "/:@?=&[]%,;.~!*'()-_"


class NotApplicable(Exception):
    """The product has no such feature yet; the message names it."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request really goes. `follows` redirects of pages, as the API would not give them."""

    method: str
    url: str
    form: Mapping[str, str] | None = None
    follows: bool = False


MISSING = {
    "/remote-follow": "remote follow by a form for strangers",
    "/media/": "uploaded media",
    "/oauth/": "OAuth",
    "/api/": "client API",
    "/auth/password": "a new password by mail",
    "/auth/confirmation": "addresses confirmed by mail",
    "/auth/sign_up": "accounts without an invitation",
    "/auth/webauthn": "passkeys",
    "/auth/": "sign-in through another service",
    "/users/": "client API",
    "/settings/2fa": "second factor",
    "/settings/import": "import",
}
"""Paths of features that are not there, by their beginning; `_PAGES` below stands before them."""
_OURS = re.compile(
    r"/|/inbox|/authorize_interaction|/\.well-known/[\w-]+|/nodeinfo/[\d.]+"
    r"|/[uc]/\w+(?:/(?:inbox|outbox|followers|following|moderators|featured))?|/c/\w+/p/\d+"
    r"|/settings/\w+|/+admin/.*|/_test/.*"
)
"""Paths that are the product's own, or that it must not have."""
_POST = re.compile(r"/c/\w+/p/\d+")


class Paths:
    """The table, with the ids that the world has given."""

    def __init__(self, world: World) -> None:
        here = base("L")
        self._names = {
            f"{here}/c/public/p/1": world.uris["public"],
            f"{here}/c/private/p/9": world.uris["private"],
            f"{here}/follows/1": world.uris["follow"],
            f"{here}/follows/2": world.uris["follow"],
        }
        either = "|".join(re.escape(name) for name in self._names)
        self._named = re.compile(rf"(?:{either})(?![\w/-])")

    def real(self, text: str) -> str:
        """A text with the product's URLs for those of the fixtures."""
        return self._named.sub(lambda found: self._names[found[0]], text)

    def way(self, method: str, url: str, body: object, form: Mapping[str, str] | None) -> Way:
        """Where a request of a case goes.

        Raises NotApplicable for a feature that is missing, Unknown for a path in no table.
        """
        path, _, query = url.removeprefix(base("L")).partition("?")
        check_feature(path)
        given = body if isinstance(body, Mapping) else {}
        for known, make in _PAGES.items():
            if path == known:
                return make(query, given, form or {})
        if _OURS.fullmatch(path) is None:
            raise Unknown(f"path: {path}")
        return Way(method, _quoted(self.real(url)), form, _POST.fullmatch(path) is not None)


def check_feature(path: str) -> None:
    """Raise NotApplicable for the path of a feature that is missing; for another do nothing."""
    if path.startswith("/c/private"):
        raise NotApplicable("private communities")
    if path.partition("?")[0] in _PAGES:
        return
    for beginning, feature in MISSING.items():
        if path.startswith(beginning):
            raise NotApplicable(feature)


def _quoted(url: str) -> str:
    """A URL that can stand on the first line of a request."""
    return quote(url, safe=_SAFE)


def _search(query: str, _body: Mapping[str, str], _form: Mapping[str, str]) -> Way:
    text = query.partition("q=")[2]
    return Way("GET", f"{base('L')}/search?q={quote(text, safe='/:@?=[]%')}", follows=True)


def _write(_query: str, body: Mapping[str, str], _form: Mapping[str, str]) -> Way:
    name = body.get("community", "public")
    check_feature(f"/c/{name}")
    said = body.get("status", "")
    form = {"title": "A case", "source": said}
    return Way("POST", f"{base('L')}/c/{name}/new", form, follows=True)


def _refresh(_query: str, _body: Mapping[str, str], form: Mapping[str, str]) -> Way:
    return Way("POST", f"{base('L')}/admin/partners/{form['host']}/test", {}, follows=True)


def _sign_in(query: str, _body: Mapping[str, str], form: Mapping[str, str]) -> Way:
    url = f"{base('L')}/sign-in"
    if not form:
        return Way("GET", _quoted(f"{url}?{query}"))
    return Way("POST", url, {"name": form.get("email", ""), "password": form.get("password", "")})


def _profile(_query: str, _body: Mapping[str, str], form: Mapping[str, str]) -> Way:
    path = "/settings/profile" if form else "/settings"
    return Way("POST" if form else "GET", base("L") + path, form or None)


_PAGES = {
    "/settings/profile": _profile,
    "/auth/sign_in": _sign_in,
    "/api/v2/search": _search,
    "/api/v1/statuses": _write,
    "/admin/peers/refresh": _refresh,
}


def encoded(way: Way) -> bytes | None:
    """The body of a page's form, if there is one."""
    return None if way.form is None else urlencode(way.form).encode()


def redirected(way: Way, location: str) -> Way:
    """The next request, where a page leads to another."""
    url = location if "://" in location else base("L") + location
    return replace(way, method="GET", url=_quoted(url), form=None)
