"""Whether every host was told what it had to be told: at least once, in order, under one id."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.expected import World
from tests.faults.people import Host, Town

Key = tuple[str, str]
"""What is said to a host: the kind of telling, and the id of what is told."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that a host has to hear. What has the same `about` is heard in this order."""

    key: Key
    about: str
    needed: bool = True
    """False for what need not be told any more, because its words are gone."""


@dataclass(slots=True)
class Told:
    """What the hosts heard altogether."""

    owed: int = 0
    heard: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list[str])


def check(town: Town, files: Mapping[str, Path], world: World) -> Told:
    """Compare each host's file with what it had to hear."""
    told = Told()
    accepts = _accepts(world)
    for host in town.hosts:
        announced = _as_forum(host, world) if host.is_forum else _as_microblog(host, world)
        owed = [*announced, *accepts.get(host.name, ())]
        lines = list(_lines(files[host.name]))
        told.owed += sum(one.needed for one in owed)
        told.heard += len(lines)
        _compare(host.name, owed, lines, told)
    return told


def _as_forum(host: Host, world: World) -> Iterator[Owed]:
    """Everything that took effect in the community, inside its Announce."""
    for entry in world.said.values():
        if _community(entry.what) != host.community:
            continue
        verb, thing = entry.what["verb"], entry.what["thing"]
        if verb in {"Create", "Update", "Delete"}:
            gone = verb != "Delete" and world.deleted(thing)
            yield Owed(("Announce", entry.id), thing, needed=not gone)
        elif verb in {"Like", "Undo"}:
            post = thing if verb == "Like" else entry.what["of"]["thing"]
            yield Owed(("Announce", entry.id), f"{entry.what['actor']} {post}")
    for post in world.written:
        if post.community == host.community:
            yield Owed(("Announce", post.create), post.uri)


def _as_microblog(host: Host, world: World) -> Iterator[Owed]:
    """Thread starters by their ids, and their end."""
    for entry in world.said.values():
        what = entry.what
        if what.get("community") != host.community:
            continue
        thing = what["thing"]
        if what["verb"] == "Create" and what["parent"] is None:
            yield Owed(("Announce", thing), thing)
        elif what["verb"] == "Delete" and world.posts[thing].parent is None:
            yield Owed(("Undo", thing), thing)
    for post in world.written:
        if post.community == host.community and post.is_starter:
            yield Owed(("Announce", post.uri), post.uri)


def _accepts(world: World) -> Mapping[str, list[Owed]]:
    """Each Follow is answered."""
    found: dict[str, list[Owed]] = defaultdict(list)
    for entry in world.said.values():
        if entry.what["verb"] == "Follow":
            host = entry.what["actor"].split("/")[2]
            found[host].append(Owed(("Accept", entry.id), entry.what["actor"]))
    return found


def _community(what: Mapping[str, Any]) -> str | None:
    return what.get("community") or what.get("of", {}).get("community")


def _compare(host: str, owed: Iterable[Owed], lines: list[Mapping[str, Any]], told: Told) -> None:
    wanted = {one.key: one for one in owed}
    place = {key: number for number, key in enumerate(wanted)}
    ids: dict[Key, set[str]] = defaultdict(set)
    last_first: dict[str, int] = defaultdict(lambda: -1)
    last_in_life: dict[tuple[str, int], int] = defaultdict(lambda: -1)
    for line in lines:
        key = _key(line)
        one = wanted.get(key)
        if one is None:
            told.wrong.append(f"{host} was told {key}, which nobody owed it")
            continue
        number = place[key]
        if key in ids:
            told.doubled += 1
        elif number < last_first[one.about]:
            told.wrong.append(f"{host} heard {key} after what came later")
        last_first[one.about] = max(number, last_first[one.about])
        in_life = one.about, line["life"]
        if number <= last_in_life[in_life]:
            told.wrong.append(f"{host} heard {key} twice, or too late, in one life of the server")
        last_in_life[in_life] = number
        ids[key].add(line["id"])
    told.wrong += [
        f"{host} was never told {key}"
        for key, one in wanted.items()
        if one.needed and key not in ids
    ]
    told.wrong += [f"{host} was told {k} as {sorted(v)}" for k, v in ids.items() if len(v) > 1]


def _key(line: Mapping[str, Any]) -> Key:
    """An Undo of an Announce is about the post that was announced."""
    if line["type"] == "Undo" and line["kind"] == "Announce":
        return "Undo", line["about"]
    return line["type"], line["thing"]


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            yield json.loads(line)
