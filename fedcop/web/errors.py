"""An error as a page, as ActivityPub JSON, or as plain JSON: whichever was asked for."""

from collections.abc import Mapping
from typing import Literal

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fedcop.errors import FedcopError, Invalid, Temporary, TooMany
from fedcop.web.locale import language_of
from fedcop.web.negotiate import (
    ACTIVITY_JSON,
    is_activity_type,
    wants_activitypub,
    wants_json,
)
from fedcop.web.render import VARY, page
from fedcop.web.return_path import return_path

Form = Literal["page", "activity", "json"]

_UNEXPECTED_AFTER = 30
_CHALLENGES: dict[Form, str] = {"activity": "Signature", "json": "Bearer"}


def form_of(request: Request) -> Form:
    """In which form an error is told: by what is accepted, else by what was sent."""
    sent = request.headers.get("content-type", "")
    if wants_activitypub(request) or is_activity_type(sent):
        return "activity"
    if wants_json(request) or request.url.path.startswith("/api/"):
        return "json"
    return "json" if sent.partition(";")[0].strip().lower() == "application/json" else "page"


def answer(request: Request, error: Exception) -> Response:
    """The answer for a FedcopError or an HTTPException; anything else is `unexpected`.

    `Retry-After` goes with TooMany and Temporary. What is invalid is 400 towards ActivityPub,
    where 422 is not expected, and brings the words for each field in JSON and on the page.
    """
    if isinstance(error, FedcopError):
        _note(request, error)
        unusual = isinstance(error, Invalid) and form_of(request) == "activity"
        status = 400 if unusual else error.status
        fields = error.fields if isinstance(error, Invalid) else {}
        after = error.after if isinstance(error, TooMany | Temporary) else 0
        return _answer(request, status, error.words, fields=fields, after=after)
    if isinstance(error, HTTPException):
        # The server itself raises these: their detail is the English name of the status.
        status = error.status_code if error.status_code < 500 else 503
        after = _UNEXPECTED_AFTER if status == 503 else 0
        return _answer(request, status, after=after, headers=error.headers)
    return unexpected(request)


def unexpected(request: Request) -> Response:
    """The answer to a mistake of ours: it is fixed one day, so 503, with the request's number."""
    return _answer(request, 503, after=_UNEXPECTED_AFTER)


async def handle(request: Request, error: Exception) -> Response:
    """The exception handler of Starlette for everything in `handlers`."""
    return answer(request, error)


handlers = {FedcopError: handle, HTTPException: handle}


def _note(request: Request, error: FedcopError) -> None:
    """Leave the error's class and cause to the line that is logged for this request."""
    cause = error.__cause__
    request.state.error = type(error).__name__ + (f": {cause!r}" if cause is not None else "")


def _answer(
    request: Request,
    status: int,
    message: str = "",
    *,
    fields: Mapping[str, str] | None = None,
    after: int = 0,
    headers: Mapping[str, str] | None = None,
) -> Response:
    form = form_of(request)
    sent = {"Cache-Control": "no-store", "Vary": VARY, **(headers or {})}
    if after:
        sent["Retry-After"] = str(after)
    if status == 401 and form in _CHALLENGES:
        sent.setdefault("WWW-Authenticate", _CHALLENGES[form])
    request_id: object = getattr(request.state, "request_id", "")
    if form == "page":
        say = language_of(request).said
        context = {
            "status": status,
            "message": say(message),
            "fields": {name: say(words) for name, words in (fields or {}).items()},
            "after": after,
            "request_id": request_id,
            "back": return_path(request),
        }
        return page(request, "error.html", context, status, sent)
    said: dict[str, object] = {"error": message or _phrase(request, status)}
    if fields:
        said["details"] = fields
    if status >= 500 and request_id:
        said["request_id"] = request_id
    media = ACTIVITY_JSON if form == "activity" else "application/json"
    return Response(orjson.dumps(said), status, sent, media)


def _phrase(request: Request, status: int) -> str:
    """Words for a status where the error brought none."""
    speak = language_of(request).gettext
    phrases = {
        401: speak("This needs to know who you are."),
        404: speak("Nothing is here"),
        405: speak("That cannot be done here"),
        410: speak("This was removed"),
        413: speak("That is too large"),
        421: speak("This server has another name"),
        503: speak("Not at the moment"),
    }
    return phrases.get(status, phrases[503] if status >= 500 else speak("That cannot be read"))
