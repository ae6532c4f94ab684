"""Names the installed packages that the server does not import, for the image to leave out.

Run by the interpreter into which the whole lock and FedCoP were installed. The lock is one for
development and production, so that both have the same versions by the same hashes.
"""

import sys
from importlib.metadata import distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "fedcop[postgres]"


def needed(root: str) -> set[str]:
    """The packages that `root` asks for on this platform, itself included, at any depth."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(root)]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            if (canonicalize_name(wanted.name), extra) in found:
                continue
            found.add((canonicalize_name(wanted.name), extra))
            asked = map(Requirement, distribution(wanted.name).requires or ())
            waiting += [r for r in asked if not r.marker or r.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def main() -> None:
    """Print a line for each package that may go."""
    keep = needed(ROOT)
    installed = {canonicalize_name(found.metadata["Name"]) for found in distributions()}
    sys.stdout.write("".join(f"{name}\n" for name in sorted(installed - keep)))


if __name__ == "__main__":
    main()
