"""Two real processes federate, one of them is killed, and both hold the same."""

import json
import os
import subprocess
import sys

import pytest

STEPS = [
    "start both servers",
    "found a community",
    "follow it from the other server",
    "post, and read it there",
    "reply from there",
    "vote from there, and back",
    "edit",
    "delete",
    "compare",
    "kill one server, and start it again",
    "compare again",
    "a third person, by the command line",
    "pin and lock",
    "take out, and restore",
    "report from there",
    "ban, and lift the ban",
    "compare after stewardship",
    "back up while both run, lose the disk, restore",
    "compare what was restored",
]


@pytest.mark.timeout(600)  # nine processes start one after the other, perhaps on a busy machine
def test_everything_holds(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fedcop", "demo", "--check"],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=580,
    )
    report = json.loads(done.stdout)
    assert report["held"] is True, report
    assert done.returncode == 0, done.stderr
    assert list(report["steps"]) == STEPS
    assert list(tmp_path.iterdir()) == []
