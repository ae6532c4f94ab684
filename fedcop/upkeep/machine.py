"""Checks of what lies on this machine's disk: the key, the space, the backups."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from fedcop.settings import Settings
from fedcop.upkeep.findings import Finding, broken, note, ok, warning

LAST_BACKUP = "last-backup.json"
"""The file in the data folder that says when and where the newest backup was made."""

_TOO_OLD = timedelta(hours=26)  # a daily backup that took its time
_LITTLE, _TOO_LITTLE = 0.10, 0.02


def check_secret(settings: Settings) -> Finding:
    """The key that opens the private keys: there, and for nobody else's eyes."""
    path = settings.data_dir / "secret.key"
    if settings.secret_key.get_secret_value():
        return ok("secret key", "It is in the settings (FEDCOP_SECRET_KEY).")
    if not path.exists():
        return broken(
            "secret key",
            f"There is no {path}: the server cannot start, nor sign anything.",
            "Put back the file that belongs to this database: fedcop backup restore FILE. For a "
            f"new server: fedcop init {settings.host}",
        )
    if not os.access(path, os.R_OK):
        return broken(
            "secret key",
            f"{path} cannot be read by the user who runs this.",
            "Run fedcop as the user who runs the server, or give the file to that user: chown",
        )
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return warning(
            "secret key",
            f"{path} can be read by others on this machine (mode {mode:04o}).",
            f"chmod 600 {path}",
        )
    return ok("secret key", f"{path}, mode {mode:04o}.")


def check_disk(settings: Settings) -> list[Finding]:
    """Space where data folder and SQLite database lie."""
    url = make_url(settings.database)
    places = {_standing(settings.data_dir)}
    if url.get_backend_name() == "sqlite" and url.database:
        places.add(_standing(Path(url.database).parent))
    by_device = {place.stat().st_dev: place for place in sorted(places)}
    return [_space(place) for place in by_device.values()]


def _space(place: Path) -> Finding:
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total if usage.total else 0.0
    words = f"{_size(usage.free)} free ({share:.0%}) where {place} lies."
    mend = "Make room: old files in the backups folder are the first place to look."
    if share < _TOO_LITTLE:
        return broken("disk", words, mend)
    return warning("disk", words, mend) if share < _LITTLE else ok("disk", words)


def _standing(place: Path) -> Path:
    """The nearest folder that exists."""
    place = place.resolve()
    return next(one for one in (place, *place.parents) if one.exists())


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TB"


def check_backups(settings: Settings) -> Finding:
    """How old the newest backup is."""
    mend = "fedcop backup create; docs/admins/backup.md shows how to have it done every night."
    try:
        last = json.loads((settings.data_dir / LAST_BACKUP).read_text(encoding="utf-8"))
        made, file = datetime.fromisoformat(last["created_at"]), Path(last["file"])
    except FileNotFoundError:
        if settings.development:
            return note("backup", "No backup was made: this is a server for development.")
        return warning("backup", "No backup was ever made of this server.", mend)
    except (OSError, ValueError, KeyError, TypeError):
        return warning("backup", f"{settings.data_dir / LAST_BACKUP} cannot be read.", mend)
    age = datetime.now(UTC) - made
    words = f"The newest was made {_hours(age)} ago: {file}"
    if age > _TOO_OLD:
        return warning("backup", words, mend)
    return ok("backup", words)


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def check_mail(_: Settings) -> Finding:
    """This version sends none."""
    return note("mail", "Mail is not used by this version: links are shown, not sent.")
