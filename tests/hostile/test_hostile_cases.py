"""The server withstands every case of the catalogue that it can be asked yet."""

import asyncio

import pytest

from tests.hostile.cases import NOW, TOO, cases_file, load
from tests.hostile.judge import Verdict
from tests.hostile.run import run

MOST_WAITING = 20
pytestmark = pytest.mark.timeout(900)  # all are played before the first is looked at


@pytest.fixture(scope="module")
def verdicts(shared) -> list[Verdict]:
    return asyncio.run(run(load(cases_file(), [*NOW, *TOO]), lambda _: None))


@pytest.mark.parametrize("area", NOW)
def test_the_cases_of_an_area(verdicts, area):
    mine = [verdict for verdict in verdicts if verdict.case.area == area]
    assert mine
    failed = {v.case.id: v.failures for v in mine if v.result == "failed"}
    assert failed == {}
    assert [(v.case.id, v.not_evaluated) for v in mine if v.not_evaluated] == []


@pytest.mark.parametrize("area", TOO)
def test_what_can_be_asked_of_an_area_already(verdicts, area):
    mine = [verdict for verdict in verdicts if verdict.case.area == area]
    assert any(verdict.result == "passed" for verdict in mine)
    assert {v.case.id: v.failures for v in mine if v.result == "failed"} == {}


def test_few_cases_wait_for_a_feature(verdicts):
    waiting = [v.case.id for v in verdicts if v.missing and v.case.area in NOW]
    assert len(waiting) <= MOST_WAITING
