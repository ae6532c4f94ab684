"""What form of an answer was asked for: a page, ActivityPub, or plain JSON.

An `Accept` header is a wish of a stranger: whatever it holds, nothing here raises, and who says
nothing that can be understood gets the page (RFC 9110 section 12.5.1 allows to disregard it).
"""

import re

from starlette.requests import HTTPConnection

ACTIVITY_JSON = "application/activity+json"
LD_JSON = "application/ld+json"
AS_PROFILE = "https://www.w3.org/ns/activitystreams"

Preference = tuple[str, dict[str, str], float]

# A quoted string may hold commas and semicolons: the profile of ld+json is one.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PART = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')
_MAX_LENGTH = 4_000
_HTML = ("text/html", "application/xhtml+xml")


def preferences(header: str) -> list[Preference]:
    """Take an `Accept` or `Accept-Language` header apart: value, parameters, quality.

    Values are in lower case and in the header's order. A quality that is no number counts as 1,
    and one outside of 0 to 1 as the nearer end.
    """
    found: list[Preference] = []
    for element in _ELEMENT.findall(header[:_MAX_LENGTH]):
        value, *rest = (part.strip() for part in _PART.findall(element) or [""])
        parameters: dict[str, str] = {}
        for part in rest:
            name, _, content = part.partition("=")
            parameters[name.strip().lower()] = content.strip().strip('"')
        if value:
            found.append((value.lower(), parameters, _quality(parameters.get("q"))))
    return found


def _quality(text: str | None) -> float:
    if text is None:
        return 1.0
    try:
        number = float(text)
    except ValueError:
        return 1.0
    return min(max(number, 0.0), 1.0) if number == number else 1.0  # noqa: PLR0124 - NaN


def _is_activity(value: str, parameters: dict[str, str]) -> bool:
    if value == ACTIVITY_JSON:
        return True
    return value == LD_JSON and AS_PROFILE in parameters.get("profile", "").split()


def _best(header: str) -> tuple[float, float, float]:
    """The quality of ActivityPub, of other JSON, and of a page; 0 for what is not named."""
    activity = other = page = 0.0
    for value, parameters, quality in preferences(header):
        if _is_activity(value, parameters):
            activity = max(activity, quality)
        elif value in {"application/json", LD_JSON}:
            other = max(other, quality)
        elif value in _HTML:
            page = max(page, quality)
    return activity, other, page


def wants_activitypub(request: HTTPConnection) -> bool:
    """Whether the ActivityPub document is wanted rather than the page.

    It must be named: as `application/activity+json`, or as `application/ld+json` with the
    ActivityStreams profile (ActivityPub section 3.2). Named with the same quality as HTML it wins,
    because no browser names it; `ld+json` without a profile is enough where no page is accepted
    by name.
    """
    header = ",".join(request.headers.getlist("accept"))
    activity, _, page = _best(header)
    if activity > 0:
        return activity >= page
    bare = any(value == LD_JSON and q > 0 for value, _, q in preferences(header))
    return bare and page == 0


def wants_json(request: HTTPConnection) -> bool:
    """Whether JSON of any kind is named, and liked better than a page."""
    activity, other, page = _best(",".join(request.headers.getlist("accept")))
    return max(activity, other) > 0 and max(activity, other) >= page


def is_activity_type(content_type: str) -> bool:
    """Whether a `Content-Type` is one of ActivityPub's two."""
    return any(_is_activity(v, p) or v == LD_JSON for v, p, _ in preferences(content_type))
