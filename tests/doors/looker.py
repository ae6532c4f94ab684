"""What of a page could run, load or send something that is not ours."""

import re
from html.parser import HTMLParser

_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "data", "poster", "srcset", "cite"})
_FORBIDDEN = frozenset(
    {"iframe", "object", "embed", "base", "style", "math", "frame", "applet", "video", "audio"}
)


class Looker(HTMLParser):
    """Notes all of a page that could run, load or send something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script":
            self._script = True
            if not given.get("src", "").startswith("/static/"):
                self.bad.append(f"<script {given}>")
        if tag in _FORBIDDEN or (tag == "meta" and "http-equiv" in given):
            self.bad.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.bad.append(f"{tag} {name}={value}")
            if name in _ATTRIBUTES:
                plain = re.sub(r"[\x00-\x20]", "", value).lower()
                if plain.startswith(("javascript:", "vbscript:", "data:", "//")):
                    self.bad.append(f"{tag} {name}={value}")
                if tag in {"form", "img"} and not value.startswith("/"):
                    self.bad.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = False

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.bad.append(f"inline script: {data[:60]}")
