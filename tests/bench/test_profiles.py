"""Profiles: whose time it is, who is dearest, and what is written of it."""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import uvloop

from tests.bench import sampling
from tests.bench.profile import DEAREST, Profile, Share, as_json, profile, read
from tests.bench.sampling import Sampler, Spent, function_name, reported, reporting, spent_afar
from tests.bench.turned import sections, shown_profiles
from tests.quality.record import keep

_NAME = ("inbox-door", "inbox-durable", "sqlite")
_NS = 100_000_000


def _busy(nanoseconds: int = _NS) -> None:
    began = time.thread_time_ns()
    while time.thread_time_ns() - began < nanoseconds:
        pass


def test_time_is_its_own_for_the_innermost_and_once_for_each_who_called() -> None:
    spent = Spent()
    spent.note(["fedcop.inner", "fedcop.again", "fedcop.again", "tests.bench.outer"], 5)
    spent.note(["fedcop.again", "tests.bench.outer"], 2)
    assert spent.own == Counter({"fedcop.inner": 5, "fedcop.again": 2})
    assert spent.whole == Counter({"fedcop.inner": 5, "fedcop.again": 7})


def test_what_the_bench_uses_is_left_out() -> None:
    spent = Spent()
    spent.note(["tests.bench.measure.Cpu.__enter__", "fedcop.calls.it"], 5)
    spent.note(["__main__._keep_nothing", "fedcop.calls.it"], 5)
    spent.note(["weakref.remove", "tests.bench.measure.Cpu.__enter__", "fedcop.calls.it"], 5)
    assert not spent.own
    assert not spent.whole
    assert spent.left_out == 15


def test_every_thread_is_seen_and_nothing_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_OURS", ("nobody.",))
    sampler = Sampler()

    async def work() -> None:
        await asyncio.to_thread(_busy)
        _busy()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, sampler:
        runner.run(work())
    spent = sampler.spent
    assert spent.whole[f"{__name__}._busy"] > 1.2 * _NS
    assert spent.whole["threading.Thread.run"] > 0.4 * _NS
    assert spent.own[f"{__name__}._busy"] > 0.6 * spent.own.total()
    before = spent.own.total()
    _busy()
    assert sampler.spent == spent
    with sampler:  # again
        _busy()
    assert before + 0.4 * _NS < sampler.spent.own.total() < before + 2 * _NS


def test_a_child_reports_to_who_started_it(tmp_path: Path) -> None:
    assert not reporting()
    with spent_afar(tmp_path) as spent:
        assert reporting()
        with reported():
            pass
    assert not reporting()
    assert spent() == Spent()


def test_functions_are_named_without_places_on_this_machine() -> None:
    class Room:
        def look(self) -> FrameType:
            return sys._getframe()

    space: dict[str, Any] = {"look": lambda: sys._getframe(1)}
    exec(compile("def root():\n return look()", "/some/where/thread.html", "exec"), space)
    this = f"{__name__}.test_functions_are_named_without_places_on_this_machine"
    assert function_name(Room().look()) == f"{this}.Room.look"
    assert function_name(space["root"]()) == "thread.html.root"


def _spent(many: int) -> Spent:
    own = Counter({f"fedcop.f{n}": n * 1_000 for n in range(many)})
    return Spent(own, own + Counter({"fedcop.root": own.total()}))


def test_the_dearest_by_their_own_time_come_first() -> None:
    found = profile(_NAME, _spent(50), 10, "request")
    assert (found.bench, found.figure, found.on) == _NAME
    assert found.us == 50 * 49 / 2 / 10
    assert [it.name for it in found.functions[:3]] == ["fedcop.f49", "fedcop.f48", "fedcop.f47"]
    assert found.functions[0] == Share("fedcop.f49", 49 / 1225, 49 / 1225)
    assert len(found.functions) == 3 * DEAREST
    assert "fedcop.root" not in {it.name for it in found.functions}
    with pytest.raises(ValueError, match="no time"):
        profile(_NAME, Spent(), 10, "request")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    found = Profile(
        bench="thread-page",
        figure="thread-page-cold",
        on="postgresql",
        unit="page",
        us=12.34567,
        functions=[Share("a.b", 0.123456, 0.5)],
    )
    file.write_bytes(as_json([found], {"cpu": "one"}))
    (again,) = read(file)
    assert (again.us, again.functions) == (12.3, [Share("a.b", 0.1235, 0.5)])
    assert again.title == "thread-page-cold, PostgreSQL"
    file.write_bytes(b'{"figures": []}')
    with pytest.raises(ValueError, match="no profiles"):
        read(file)


def test_ten_rows_beside_those_of_before(tmp_path: Path) -> None:
    after = [
        profile(_NAME, _spent(50), 10, "request"),
        profile(("inbox-door", "inbox-accept", "sqlite"), _spent(4), 1, "request"),
        profile(("while-processing", "while-processing", "sqlite"), _spent(3), 1, ""),
    ]
    before = [profile(_NAME, _spent(20), 1, "request")]
    found = dict(sections(after, before))
    assert list(found) == ["profiles", "profiles-inbox-door", "profiles-while-processing"]
    rows = found["profiles-inbox-door"].rows
    assert len(rows) == DEAREST + 3
    assert rows[0][0] == "**inbox-durable, SQLite**: 190 → 122 CPU µs / request"
    assert rows[0][1:] == ["`fedcop.f19`", "10.0% (10%)", "`fedcop.f49`", "4.0% (4%)"]
    assert {row[0] for row in rows[1:DEAREST]} == {""}
    assert rows[DEAREST][0] == "**inbox-accept, SQLite**: 6 CPU µs / request"
    assert rows[DEAREST][1:] == ["", "", "`fedcop.f3`", "50.0% (50%)"]
    assert found["profiles-while-processing"].rows[0][0] == "**while-processing, SQLite**"
    for name, section in found.items():
        keep(name, section, folder=tmp_path, page=tmp_path / "quality.md")
    text = (tmp_path / "quality.md").read_text("utf-8")
    assert text.index("## Where the time goes\n") < text.index("## Where the time goes: inbox-door")
    assert len(shown_profiles(after)) == len(after)
