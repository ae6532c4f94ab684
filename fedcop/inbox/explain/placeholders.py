"""Documents whose addresses were blacked out: what they would be if the addresses were there."""

from collections.abc import Mapping
from typing import Any, cast

from fedcop.activitypub.vocab.values import is_id
from fedcop.net.urls import host_of

_IDS = frozenset(
    {"id", "actor", "object", "attributedTo", "inReplyTo", "target", "origin", "inbox", "url"}
)
_SPEAKERS = ("actor", "attributedTo", "inbox", "id")


def filled(document: Mapping[str, Any], host: str = "placeholder.example") -> dict[str, Any]:
    """The same with a made-up address for each that is none, on the host of who speaks.

    So a log in which addresses were replaced (`SCRUBBED_ID`) can still be explained.
    """
    host = next((found for key in _SPEAKERS if (found := _host(document.get(key)))), host)
    return {key: _filled(key, value, host) for key, value in document.items()}


def _filled(key: str, value: Any, host: str) -> Any:
    if isinstance(value, dict):
        return filled(cast("dict[str, Any]", value), host)
    if isinstance(value, list):
        return [_filled(key, one, host) for one in cast("list[Any]", value)]
    if isinstance(value, str) and key in _IDS and not is_id(value):
        return f"https://{host}/placeholder/{key}"
    return value


def _host(value: Any) -> str:
    return host_of(value) if isinstance(value, str) and is_id(value) else ""
