"""The signature base of RFC 9421: the bytes of a request that a signature covers (section 2)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

import http_sf

from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

_NAME = re.compile(r"@?[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class Component:
    """One covered thing: a header, or something derived (`@method`); `query` names a parameter."""

    name: str
    query: str | None = None

    @property
    def identifier(self) -> str:
        """As it stands in `Signature-Input` and at the start of its line."""
        if self.query is None:
            return f'"{self.name}"'
        return f'"{self.name}";name={http_sf.ser(self.query)}'


def component(name: object, parameters: dict[str, object]) -> Component:
    """Check one member of a covered list.

    No parameter is supported but the `name` of `@query-param`: nobody in the fediverse sends
    `sf`, `bs`, `key`, `tr` or `req` on requests.

    Raises:
        Malformed: not a string, or no lower-case name of a header or derived component.
        Unproved: a parameter that is not supported.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Malformed("Cover components by lower-case names in quotes.")
    query = parameters.get("name") if name == "@query-param" else None
    if len(parameters) != (0 if query is None else 1):
        raise Unproved(f"Cover {name} without parameters.")
    if name == "@query-param" and not isinstance(query, str):
        raise Malformed('Cover "@query-param" with the name of a parameter.')
    return Component(name, query if isinstance(query, str) else None)


def base(
    covered: Iterable[Component], parameters: str, value_of: Callable[[Component], str]
) -> bytes:
    """The signature base (section 2.5); `parameters` is the value of `@signature-params`.

    Raises:
        Malformed: a value has a line break, or characters outside ASCII.
        And what `value_of` raises.
    """
    lines = [f"{part.identifier}: {value_of(part)}" for part in covered]
    lines.append(f'"@signature-params": {parameters}')
    text = "\n".join(lines)
    if text.count("\n") != len(lines) - 1 or "\r" in text or not text.isascii():
        raise Malformed("Sign headers of one line and in ASCII only.")
    return text.encode()


def values_of(request: HttpRequest) -> Callable[[Component], str]:
    """What the components of `request` say.

    The authority, and so the header `host`, is the one we are configured with. The function
    raises Unproved for a header that is not there and for an unknown derived component.
    """

    def value_of(part: Component) -> str:
        derived = _DERIVED.get(part.name)
        if derived is not None:
            return derived(request)
        if part.query is not None:
            return _query_parameter(request, part.query)
        values = request.all(part.name)
        if not values:
            raise Unproved(f"Send the {part.name} that is signed.")
        return ", ".join(value.strip(" \t") for value in values)

    return value_of


def _target_uri(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.authority}{request.target}"


_DERIVED: dict[str, Callable[[HttpRequest], str]] = {
    "@method": lambda request: request.method,
    "@target-uri": _target_uri,
    "@authority": lambda request: request.authority,
    "host": lambda request: request.authority,
    "@scheme": lambda request: request.scheme,
    "@request-target": lambda request: request.target,
    "@path": lambda request: request.target.partition("?")[0],
    "@query": lambda request: "?" + request.target.partition("?")[2],
}


def _query_parameter(request: HttpRequest, name: str) -> str:
    """One parameter of the query, encoded anew (section 2.2.8); it must be there exactly once."""
    pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
    found = [value for key, value in pairs if key == unquote(name)]
    if len(found) != 1:
        raise Unproved("Sign a query parameter that is there once.")
    return quote(found[0], safe="*").replace("~", "%7E")
