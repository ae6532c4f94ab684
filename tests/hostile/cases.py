"""The cases as they stand in their file, typed."""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERIOUS = frozenset({"critical", "high"})
NOW = (
    "signature",
    "origin",
    "json-ld",
    "ssrf",
    "resource",
    "ordering",
    "federation-policy",
    "group",
    "authorisation",
)
"""The areas that the product has to withstand now; others are run when they are asked for."""
TOO = ("content", "privacy", "web-auth")
"""Areas of which much waits for features: what can be asked of them already is withstood, too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request. `body` is JSON of any kind, `raw` the name of bytes that are made."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    sign: Mapping[str, Any] | None = None
    body: Any = None
    raw: str | None = None
    form: Mapping[str, Any] | None = None
    user: str | None = None
    """The local user whose session (or token) it carries."""

    @property
    def times(self) -> int:
        return int((self.sign or {}).get("times", 1))


@dataclass(frozen=True, slots=True)
class Case:
    """One record: one test."""

    id: str
    area: str
    title: str
    severity: str
    control: bool
    recipe: str
    setup: str
    steps: tuple[Step, ...]
    peers: tuple[Mapping[str, Any], ...]
    status: frozenset[int | str]
    classes: frozenset[str]
    state: str
    sentences: tuple[str, ...]
    outbound: Mapping[str, Any]

    @property
    def serious(self) -> bool:
        """Whether its failure is a failure of the run."""
        return self.severity in SERIOUS or self.control

    @property
    def said(self) -> str:
        """All of its words about what is to be laid before it: setup and recipe."""
        return f"{self.setup}\n{self.recipe}"


def cases_file() -> Path:
    """FEDCOP_HOSTILE_CASES, else the file in the shared folder (FEDCOP_SHARED)."""
    named = os.environ.get("FEDCOP_HOSTILE_CASES")
    if named:
        return Path(named)
    shared = Path(os.environ.get("FEDCOP_SHARED", ROOT.parent / "shared"))
    return shared / "design" / "hostile_cases.json"


def load(file: Path, only: Collection[str] = ()) -> list[Case]:
    """The cases of these areas or ids; without any, those of the areas of `NOW`."""
    records = json.loads(file.read_text("utf-8"))["cases"]
    wanted = set(only) or set(NOW)
    found = [_case(record) for record in records]
    chosen = [case for case in found if {case.area, case.id} & wanted]
    return chosen or ([] if only else found)  # another file may have none of our areas


def _case(record: Mapping[str, Any]) -> Case:
    steps = record.get("steps") or [record["request"]]
    expect = record["expect"]
    return Case(
        id=record["id"],
        area=record["area"],
        title=record["title"],
        severity=record["severity"],
        control=bool(record.get("control")),
        recipe=record.get("recipe", ""),
        setup=record.get("setup", ""),
        steps=tuple(_step(step) for step in steps),
        peers=tuple(record.get("peers") or ()),
        status=frozenset(expect.get("status") or ()),
        classes=frozenset(expect.get("status_class") or ()),
        state=expect.get("state", ""),
        sentences=tuple(expect.get("assert") or ()),
        outbound=expect.get("outbound") or {},
    )


def _step(record: Mapping[str, Any]) -> Step:
    return Step(
        method=record["method"],
        url=record["url"],
        headers=record.get("headers") or {},
        sign=record.get("sign"),
        body=record.get("body"),
        raw=record.get("raw"),
        form=record.get("form"),
        user=record.get("session") or record.get("token"),
    )
