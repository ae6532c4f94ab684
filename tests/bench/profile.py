"""The dearest functions of a profile, as a list to keep."""

import pstats
from cProfile import Profile
from io import StringIO
from pathlib import Path
from typing import TextIO


def dearest(
    profile: Profile, out: TextIO, many: int = int(__import__("os").environ.get("MANY", "10"))
) -> None:
    """Write the functions that took most time by themselves; the profiler makes calls dearer."""
    profile.disable()
    stats = pstats.Stats(profile, stream=StringIO())
    rows = sorted(stats.stats.items(), key=lambda row: -row[1][2])  # pyright: ignore[reportAttributeAccessIssue]
    whole = sum(row[1][2] for row in rows) or 1.0
    for (path, line, name), (_, calls, own, _, _) in rows[:many]:
        place = name if path == "~" else f"{'/'.join(Path(path).parts[-3:])}:{line} {name}"
        out.write(f"{100 * own / whole:5.1f} %  {calls:8,} calls  {place}\n")
    out.flush()
