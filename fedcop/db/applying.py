"""Applies the changes of the schema, by Alembic.

Only who has something to apply loads this: Alembic and what it brings are a tenth of what a server
would load else.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent / "migrations"


def apply(connection: Connection, until: str = "head") -> None:
    """Apply all that is pending up to the change `until`, in the transaction of `connection`."""
    config = _scripts()
    config.attributes["connection"] = connection
    command.upgrade(config, until)


def revisions() -> tuple[str, ...]:
    """Every change, the oldest first, as Alembic puts them together from the files' contents."""
    scripts = ScriptDirectory.from_config(_scripts())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config
