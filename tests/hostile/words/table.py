"""The tables of patterns, how a module adds to them, and how words are looked up."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.hostile.cases import Case
from tests.hostile.filling import Filling
from tests.hostile.payloads import Unknown
from tests.hostile.snapshot import Change
from tests.hostile.stage import Stage
from tests.hostile.trial import Trial

Check = Callable[..., "Iterable[str] | Awaitable[Iterable[str]] | None"]
Lay = Callable[..., Awaitable[None]]
C = TypeVar("C", bound=Callable[..., Any])

SENTENCES: list[tuple[re.Pattern[str], Check]] = []
ALLOWANCES: list[tuple[re.Pattern[str], Callable[[Change], bool]]] = []
SETUPS: list[tuple[re.Pattern[str], "Setup"]] = []


@dataclass(slots=True)
class Laying:
    """What lays the setup of a case: the stage, and how the requests are to be changed."""

    case: Case
    stage: Stage
    filling: Filling
    pages: dict[str, Any] = field(default_factory=dict[str, Any])
    """The documents of the case's peers, by their URLs."""
    bodies: list[Callable[[Any], Any]] = field(default_factory=list[Callable[[Any], Any]])
    """What is done to each body before it is signed."""
    inboxes: list[str] = field(default_factory=list[str])
    """Where repeated requests go, in turn, instead of to one address."""
    wrapped_by: str = ""
    """Whose Announce the last of the repeated requests is wrapped into."""
    beside: str = ""
    """Who sends honestly beside a flood."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Lays something. `fresh`: the server must not have run before; `slow`: it takes long."""

    lay: Lay
    fresh: bool = False
    slow: bool = False
    everywhere: bool = False
    """Whether it is looked for in the recipe, too, and not only in the setup."""


def says(*patterns: str) -> Callable[[C], C]:
    """The function checks sentences of these forms: what it yields is wrong."""

    def add(function: C) -> C:
        SENTENCES.extend((re.compile(pattern), function) for pattern in patterns)
        return function

    return add


def allows(pattern: str) -> Callable[[C], C]:
    """The function says which changes a sentence of this form allows, beside those of the state."""

    def add(function: C) -> C:
        ALLOWANCES.append((re.compile(pattern), function))
        return function

    return add


def allowed(case: Case, change: Change) -> bool:
    """Whether one of the sentences of a case allows a change."""
    return any(
        pattern.search(sentence) is not None and may(change)
        for sentence in case.sentences
        for pattern, may in ALLOWANCES
    )


def lays(
    *patterns: str, fresh: bool = False, slow: bool = False, recipe: bool = False
) -> Callable[[C], C]:
    """The function lays setups of these forms."""

    def add(function: C) -> C:
        one = Setup(function, fresh, slow, recipe)
        SETUPS.extend((re.compile(pattern), one) for pattern in patterns)
        return function

    return add


async def check(trial: Trial, sentence: str) -> tuple[list[str], list[str]]:
    """What is wrong by a sentence, and which of its words nobody understands.

    A sentence that is not understood whole is read part by part, from semicolon to semicolon.
    """
    try:
        return await _one(trial, sentence), []
    except Unknown:
        parts = [part.strip() for part in sentence.split(";")]
    wrong: list[str] = []
    unknown: list[str] = []
    for part in parts:
        try:
            wrong += await _one(trial, part)
        except Unknown:
            unknown.append(part)
    return wrong, unknown


async def _one(trial: Trial, words: str) -> list[str]:
    for pattern, function in SENTENCES:
        found = pattern.fullmatch(words)
        if found is not None:
            result = function(trial, *found.groups())
            if isinstance(result, Awaitable):
                result = await result
            return [f"{words}: {wrong}" for wrong in result or ()]
    raise Unknown(words)


def laying(case: Case) -> Iterator[tuple[Setup, re.Match[str]]]:
    """Everything that is to be laid for a case. Raises Unknown for a setup in other words."""
    found = False
    for pattern, setup in SETUPS:
        words = case.said if setup.everywhere else case.setup
        match = pattern.search(words)
        if match is not None:
            found = found or match[0] in case.setup
            yield setup, match
    if case.setup and not found:
        raise Unknown(f"setup: {case.setup}")
