"""A page: a template with what its frame must know, and the headers that go with it."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from jinja2 import Environment
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from fedcop.db.breath import breathe
from fedcop.settings import Settings
from fedcop.text.templates import environment
from fedcop.web.assets import assets
from fedcop.web.locale import Language, language_of, languages
from fedcop.web.viewer import viewer_of

TEMPLATES = Path(__file__).parent / "templates"
SOURCE_URL = "/about#source"
NOTICE_COOKIE = "fedcop-notice"
"""Names what the next page says once."""
VARY = "Accept, Accept-Language, Cookie"


class _House(Protocol):
    """As much of the application object as a page asks for."""

    @property
    def settings(self) -> Settings: ...


@cache
def _environment(language: Language) -> Environment:
    made: Any = environment(
        TEMPLATES, language.locale, language.translations, sprite=assets().url("icons.svg")
    )
    made.globals.update(asset=assets().url, breathe=breathe)
    return cast("Environment", made)


def compile_all() -> None:
    """Compile every template, so that a program that may write nothing there finds them made."""
    for language in languages().values():
        made = _environment(language)
        for name in made.list_templates(extensions=["html"]):
            made.get_template(name)


def settings_of(request: HTTPConnection) -> Settings:
    """The settings of the server that answers `request`."""
    return cast("_House", request.app.state.fedcop).settings


def site_name(request: HTTPConnection) -> str:
    """The name of the site: `app.state.site_name` where an admin gave one, else the host."""
    given: object = getattr(request.app.state, "site_name", None)
    return str(given) if given else settings_of(request).host


def source_url(request: HTTPConnection) -> str:
    """Where the source of this server is, as `app.state.source_url` says."""
    return str(getattr(request.app.state, "source_url", SOURCE_URL))


def render(request: HTTPConnection, template: str, context: Mapping[str, object]) -> str:
    """The HTML of `template` in the reader's language.

    Every template knows: viewer, site_name, language, path, home_url, source_url, and, unless the
    context gives them: section (home, explore, new, inbox, you), flash (shapes.Notice),
    object_uri. A name that is not known raises jinja2's UndefinedError.
    """
    language = language_of(request)
    return (
        _environment(language)
        .get_template(template)
        .render(
            {
                "viewer": viewer_of(request),
                "site_name": site_name(request),
                "language": language,
                "path": request.url.path,
                "home_url": settings_of(request).uris.site,
                "source_url": source_url(request),
                "section": "",
                "flash": None,
                "object_uri": "",
                **context,
            }
        )
    )


def page(
    request: Request,
    template: str,
    context: Mapping[str, object] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a page.

    For a signed-in viewer nothing may be kept (`private, no-store`); for everyone else the page
    carries an ETag and is asked for again each time, which answers 304 while it is the same.
    With `object_uri` in the context, the `Link` header names the ActivityPub document.
    `headers` win over those.
    """
    given = dict(context or {})
    body = render(request, template, given).encode()
    sent = {"Vary": VARY, "Cache-Control": "private, no-store"}
    if given.get("object_uri"):
        sent["Link"] = f'<{given["object_uri"]}>; rel="alternate"; type="application/activity+json"'
    cacheable = status == 200 and request.method in {"GET", "HEAD"} and viewer_of(request) is None
    if cacheable:
        sent["Cache-Control"] = "public, max-age=0, must-revalidate"
        sent["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    sent.update(headers or {})
    return answered(request, body, status, sent)


def answered(request: Request, body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    """The page with these headers, or 304 for who has it already, by its ETag."""
    etag = headers.get("ETag") or headers.get("etag", "")
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, "text/html")


def _matches(asked: str, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag, compared weakly (RFC 9110 section 13.1.2)."""
    wanted = {item.strip().removeprefix("W/") for item in asked.split(",")}
    return bool(etag) and (etag.removeprefix("W/") in wanted or wanted == {"*"})
