"""Raises how many files and sockets this process may have open to what the system allows it.

Most systems start a process with 1,024 and let it have far more for the asking. Each delivery under
way and each visitor takes one: 8,000 deliveries at once are the aim of the delivery worker.
"""

import resource

from fedcop.log import logger

_log = logger("open_files")

MOST = 65_536
"""As many are enough. In containers the limit may be a thousand million, and programs that we call
(pg_dump) may close as many descriptors one by one before they begin."""
_ON_MACOS = 10_240
"""What macOS lets a process have that is allowed any number (OPEN_MAX)."""


def raise_limit() -> int:
    """Ask for as many as the system allows, at most `MOST`; how many there may be from now on.

    Never fewer than before, and never an error: a server with few descriptors serves, too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST
    allowed = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    for wanted in (allowed, min(allowed, _ON_MACOS)):
        if wanted <= soft:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError) as error:
            _log.info("open files cannot be more", wanted=wanted, reason=str(error))
        else:
            _log.info("open files", before=soft, now=wanted)
            return wanted
    return soft
