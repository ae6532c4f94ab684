"""The server withstands every case of the catalogue that it can be asked yet."""

import asyncio

import pytest

from tests.hostile.cases import NOW, cases_file, load
from tests.hostile.judge import Verdict
from tests.hostile.run import run

MOST_WAITING = 20
pytestmark = pytest.mark.timeout(900)  # all are played before the first is looked at


@pytest.fixture(scope="module")
def verdicts(shared) -> list[Verdict]:
    return asyncio.run(run(load(cases_file()), lambda _: None))


@pytest.mark.parametrize("area", NOW)
def test_the_cases_of_an_area(verdicts, area):
    mine = [verdict for verdict in verdicts if verdict.case.area == area]
    assert mine
    failed = {v.case.id: v.failures for v in mine if v.result == "failed"}
    assert failed == {}
    assert [(v.case.id, v.not_evaluated) for v in mine if v.not_evaluated] == []


def test_few_cases_wait_for_a_feature(verdicts):
    waiting = [verdict.case.id for verdict in verdicts if verdict.missing]
    assert len(waiting) <= MOST_WAITING
