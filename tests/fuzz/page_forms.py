"""The forms of pages, as a browser finds them: read from the HTML, filled in, sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_plus, urlsplit

import httpx

TEXT = frozenset({"text", "search", "url", "email", "textarea", "tel", "number", "date"})
FORM = "application/x-www-form-urlencoded"


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""


@dataclass
class PageForm:
    """One form: where it goes, and what is in it as the page shows it."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def takes_text(self) -> bool:
        return any(one.kind in TEXT or one.kind == "password" for one in self.fields)

    @property
    def shape(self) -> tuple[str, ...]:
        """The same for the forms of two posts of one kind."""
        path = "/".join("1" if part.isdecimal() else part for part in self.action.split("/"))
        return (self.method, path, *sorted({one.name for one in self.fields}))

    async def send(
        self, client: httpx.AsyncClient, text: str, *, all_of_it: bool = False
    ) -> httpx.Response:
        """With this text in every field for words, or in every field there is."""
        pairs = [
            (one.name, text if all_of_it or one.kind in TEXT else one.value) for one in self.fields
        ]
        query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)
        if self.method == "GET":
            return await client.get(f"{self.action}?{query}")
        headers = {"content-type": FORM}
        return await client.post(self.action, content=query.encode(), headers=headers)


def encoded(text: str) -> str:
    """As a browser that is no browser would write it: half a surrogate pair goes out, too."""
    return quote_plus(text.encode("utf-8", "surrogatepass"))


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.found: list[PageForm] = []
        self._open: PageForm | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action") or self.page
            self._open = PageForm(action, given.get("method", "get").upper())
            self.found.append(self._open)
        elif self._open is None:
            return
        elif tag == "option" and self._select is not None:
            if "selected" in given or not self._select.value:
                self._select.value = given.get("value", "")
        elif tag in {"input", "textarea", "select", "button"} and given.get("name"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        assert self._open is not None
        names = {one.name for one in self._open.fields}
        if kind in {"radio", "button", "submit"} and given["name"] in names:
            return
        if kind == "file":
            kind = "hidden"
        one = Field(given["name"], kind, given.get("value", ""))
        self._open.fields.append(one)
        if tag == "select":
            self._select = one

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None


def forms_of(page: str, html: str) -> list[PageForm]:
    """The forms of a page at this path."""
    reader = _Reader(page)
    reader.feed(html)
    assert all(not urlsplit(one.action).netloc for one in reader.found)
    return reader.found
