"""Settings: one frozen dataclass, read once from `intentlens.toml` in the data folder and the environment.

The environment wins over the file. Every field here is explained in the README's settings table (a test holds that).
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import InvalidSettingError

ENVIRONMENT_PREFIX = "INTENTLENS_"
SETTINGS_FILE = "intentlens.toml"
BROKER_SCHEMES = ("nats://", "tls://")
"""How the address of a broker begins that events can be read from."""


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults; the environment name of a field is INTENTLENS_ + its upper-case name."""

    home: Path = Path(".intentlens")
    host: str = "127.0.0.1"
    port: int = 8501
    api_key: str = ""
    sample_shop: bool = True
    inactivity_gap_minutes: int = 30
    collect_events_per_second: int = 0
    tracker_memory_mb: int = 256
    broker_url: str = ""
    broker_stream: str = "INTENTLENS"
    broker_subject: str = "intentlens.>"
    broker_consumer: str = "intentlens"
    threads: int = 2
    memory_limit_mb: int = 2048
    max_upload_mb: int = 2048

    def __post_init__(self) -> None:
        for name, low, high in (
            ("port", 0, 65535),
            ("inactivity_gap_minutes", 1, 1440),
            ("collect_events_per_second", 0, 1_000_000),
            ("tracker_memory_mb", 1, 1_048_576),
            ("threads", 1, 256),
            ("memory_limit_mb", 256, 1_048_576),
            ("max_upload_mb", 1, 1_048_576),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidSettingError(f"{name} is '{value}', expected a number from {low} to {high}.")
        if self.broker_url and not self.broker_url.startswith(BROKER_SCHEMES):
            scheme = self.broker_url.partition("://")[0][:20]
            raise InvalidSettingError(
                f"broker_url begins with '{scheme}', expected one of {', '.join(BROKER_SCHEMES)}."
            )

    @property
    def warehouse_path(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def runs_folder(self) -> Path:
        return self.home / "runs"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def media_folder(self) -> Path:
        return self.home / "media"

    @property
    def commit_log_folder(self) -> Path:
        return self.home / "commit-log"

    @property
    def is_loopback(self) -> bool:
        return self.host in {"127.0.0.1", "::1", "localhost"}


def load_settings(environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings: defaults, then `intentlens.toml`, then the environment, then `overrides`.

    Raises:
        InvalidSettingError: an unknown key in the file, or a value of the wrong type or range.
    """
    environment = os.environ if environment is None else environment
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    home = Path(given.get("home") or environment.get("INTENTLENS_HOME") or Settings.home)
    values = _from_file(home / SETTINGS_FILE) | _from_environment(environment) | given
    values["home"] = home.absolute()
    return Settings(**{name: _convert(name, value) for name, value in values.items()})


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettingError(f"{path} is not valid TOML: {error}.") from error
    known = {field.name for field in fields(Settings)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise InvalidSettingError(f"{path} has the unknown setting '{unknown[0]}', expected one of {sorted(known)}.")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    names = {field.name: ENVIRONMENT_PREFIX + field.name.upper() for field in fields(Settings)}
    return {name: environment[key] for name, key in names.items() if environment.get(key)}


def _convert(name: str, value: Any) -> Any:
    wanted = type(getattr(Settings, name))
    if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
        return value
    text = str(value).strip()
    if wanted is bool and text.lower() in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        return text.lower() in {"1", "true", "yes", "on"}
    if wanted is int and text.lstrip("-").isdigit():
        return int(text)
    if issubclass(wanted, Path):
        return Path(text)
    if wanted is str:
        return text
    raise InvalidSettingError(f"{name} is '{value}', expected {wanted.__name__}.")
