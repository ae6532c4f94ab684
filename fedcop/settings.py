"""Every setting, typed, with its default and one line of meaning.

A setting is read from the environment (`FEDCOP_HOST`), else from a file named by
`FEDCOP_HOST_FILE` (for secrets), else from `fedcop.toml` in the working folder or in the folder
named by `FEDCOP_CONFIG`, else it is the default.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from fedcop.uris import Uris

CONFIG_FILE = "fedcop.toml"
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?")


def _host_name(value: str) -> str:
    lowered = value.strip().lower().rstrip(".")
    if not _HOST.fullmatch(lowered):
        raise ValueError(
            f"{value!r} is not a host name; write only the name that people will see, "
            "such as community.example.org, without https:// and without a path"
        )
    return lowered


class _FileSource(PydanticBaseSettingsSource):
    """`FEDCOP_X_FILE` names a file that holds the value of `x`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"FEDCOP_{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = (
            (n, self.get_field_value(f, n)[0]) for n, f in self.settings_cls.model_fields.items()
        )
        return {name: value for name, value in found if value is not None}


class Settings(BaseSettings):
    """The settings of one server, fixed while it runs."""

    model_config = SettingsConfigDict(env_prefix="FEDCOP_", extra="forbid", frozen=True)

    host: Annotated[str, AfterValidator(_host_name)] = Field(
        description="The name of this server on the network. It can never change once in use."
    )
    database_url: str = Field(
        default="",
        description="Where the data is kept; by default an SQLite file in the data folder.",
    )
    data_dir: Path = Field(
        default=Path("data"), description="The folder for the SQLite file, backups and the key."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Seals private keys in the database; by default secret.key in the data folder.",
    )
    bind: str = Field(
        default="127.0.0.1:8000", description="The address and port on which the server listens."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="Log lines for people, or as JSON; auto asks whether a terminal listens.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="The bearer token that may read /metrics; without one only loopback may.",
    )
    retention_days: int = Field(
        default=30,
        ge=8,
        description="After so many days what other servers sent is forgotten word for word.",
    )
    notifications_days: int = Field(
        default=180,
        ge=1,
        description="After so many days notifications that were read are deleted.",
    )
    development: bool = Field(
        default=False,
        description="Allows plain http, loopback and *.localhost. Never on a public server.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_path())
        return init_settings, env_settings, _FileSource(settings_cls), toml

    @property
    def database(self) -> str:
        """The database URL with its asynchronous driver."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'fedcop.db'}"
        for short, driver in (
            ("sqlite", "aiosqlite"),
            ("postgresql", "asyncpg"),
            ("postgres", "asyncpg"),
        ):
            if url.startswith(f"{short}:"):
                name = "sqlite" if short == "sqlite" else "postgresql"
                return f"{name}+{driver}:{url.removeprefix(f'{short}:')}"
        return url

    @property
    def uris(self) -> Uris:
        """The URLs of this server: https, and plain http only in development."""
        return Uris(self.host, "http" if self.development else "https")

    @property
    def secret(self) -> str:
        """The sealing key: the setting, else the key file's content (empty if there is none)."""
        value = self.secret_key.get_secret_value()
        path = self.data_dir / "secret.key"
        return value or (path.read_text().strip() if path.exists() else "")


def config_path() -> Path:
    """The configuration file that would be read, whether it exists or not."""
    place = Path(os.environ.get("FEDCOP_CONFIG", "."))
    return place if place.suffix == ".toml" else place / CONFIG_FILE


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over every source. Raises pydantic's ValidationError."""
    return Settings(**overrides)
