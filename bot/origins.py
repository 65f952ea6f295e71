"""Where do settings come from?"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

PREFIX = "KEPU_"


class SettingsWrong(Exception):
    """The start is refused; the message is one line that names the setting and what to do."""


class _Files(PydanticBaseSettingsSource):
    """Secrets that lie in files: `KEPU_SECRET_KEY_FILE=/run/secrets/kepu`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name in secrets(self.settings_cls):
            path = environment().get(f"{variable(name)}_FILE")
            if path:
                try:
                    found[name] = Path(path).read_text("utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise SettingsWrong(f"{variable(name)}_FILE: {error}") from error
        return found


def sources(settings: type[BaseSettings]) -> dict[str, PydanticBaseSettingsSource]:
    """Where settings come from, who decides first."""
    return {
        "environment": EnvSettingsSource(settings),
        "file": _Files(settings),
        ".env": DotEnvSettingsSource(settings),
        "kepu.toml": TomlConfigSettingsSource(settings),
    }


def environment() -> Mapping[str, str]:
    """The variables of the environment and of .env."""
    return {**{k: v for k, v in dotenv_values(".env").items() if v}, **os.environ}


def toml_names(settings: type[BaseSettings]) -> list[str]:
    """The names that kepu.toml gives a value."""
    return list(TomlConfigSettingsSource(settings).toml_data)


def variable(name: str) -> str:
    """The environment's name of the setting `name`."""
    return PREFIX + name.upper()


def secrets(settings: type[BaseSettings]) -> list[str]:
    """The settings that may lie in files of their own."""
    fields = settings.model_fields.items()
    return [
        name for name, field in fields if field.annotation is SecretStr or name == "database_url"
    ]
