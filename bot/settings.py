"""What did the operator decide?

Read once, from the environment, then `.env`, then `kepu.toml`. A secret, or the address of the
database, may instead lie in a file that `KEPU_…_FILE` names.
"""

import difflib
import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.origins import PREFIX, SettingsWrong, environment, secrets, sources, toml_names, variable
from bot.secret_key import LENGTH_MIN, KeyUnusable, kept_key
from handlers.texts import LOCALES

__all__ = ["HIDDEN", "Settings", "SettingsWrong", "Shown", "key_path", "load", "shown", "unknown"]

HIDDEN = "•••"
NOT_SETTINGS = {"KEPU_TEST_FAULTS"}  # storage/failpoints.py
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes
WECHAT = ("app_id", "app_secret", "token", "aes_key", "account")


class Settings(BaseSettings):
    """Every setting, with its unit and its reason."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", toml_file="kepu.toml", env_ignore_empty=True,
        frozen=True, extra="ignore", hide_input_in_errors=True,
    )  # fmt: skip

    database_url: str = Field(
        "sqlite:///data/kepu.db",
        repr=False,  # a PostgreSQL address may hold a password
        description="Where everything is kept: a file for one process, postgresql://… for several",
    )
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; anything but this machine wants KEPU_PUBLIC_URL",
    )
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on")
    public_url: str = Field(
        "", description="https:// address people open, of the proxy in front; it is put in links"
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and links, 32 characters or more; made and kept beside the data",
    )
    timezone: str = Field(
        "Asia/Shanghai", description="Zone of bases that state none; days and hours are shown in it"
    )
    default_locale: str = Field(
        "zh_CN", description="Language for who chose none and whose channel tells none: zh_CN or en"
    )
    messages_per_minute: int = Field(
        300, ge=1, description="Messages a minute taken from one visitor; more are answered 429"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least serious lines that are logged"
    )
    telegram_token: SecretStr = Field(
        SecretStr(""), description="The bot's token from BotFather; Telegram is on when it is given"
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="A Bot API server of one's own, or an emulator"
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="polling needs no public address; webhook answers sooner"
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Proves that a webhook call is Telegram's; letters, digits, _ -"
    )
    wechat_app_id: str = Field(
        "", description="AppID (wx…); WeChat is on when all of its settings are given"
    )
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="AppSecret, to call WeChat")
    wechat_token: SecretStr = Field(
        SecretStr(""), description="Token typed at WeChat beside the server's address"
    )
    wechat_aes_key: SecretStr = Field(
        SecretStr(""), description="EncodingAESKey, 43 characters; messages come encrypted"
    )
    wechat_account: str = Field("", description="The account's original id (gh_…)")
    wechat_api_url: str = Field(
        "https://api.weixin.qq.com", description="WeChat's servers, or an emulator"
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
        return (init_settings, *sources(settings_cls).values())

    @property
    def address(self) -> str:
        """The address that links begin with."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def is_telegram_on(self) -> bool:
        """Whether to talk on Telegram."""
        return bool(self.telegram_token.get_secret_value())

    @property
    def is_wechat_on(self) -> bool:
        """Whether to talk on WeChat."""
        return bool(self.wechat_app_id)

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        try:
            address = make_url(url)
        except ArgumentError:
            address = None
        if address is None or address.drivername not in ("sqlite", "postgresql"):
            raise ValueError("is no address of a database; give sqlite:///FILE or postgresql://…")
        if address.drivername == "sqlite" and not address.database:
            raise ValueError("names no file; give sqlite:///data/kepu.db")
        return url

    @field_validator("public_url", "telegram_api_url", "wechat_api_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError("is no address; give https://…")
        return url.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise ValueError("is no time zone; give one like Asia/Shanghai") from None
        return zone

    @field_validator("default_locale")
    @classmethod
    def _is_spoken(cls, locale: str) -> str:
        if locale not in LOCALES:
            raise ValueError(f"is no language of Kepu; give one of {', '.join(LOCALES)}")
        return locale

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key) < LENGTH_MIN:
            raise ValueError(f"is too short; give {LENGTH_MIN} random characters or more")
        return key

    @field_validator("telegram_token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        if token and not re.fullmatch(r"\d+:[\w-]{20,}", token.get_secret_value()):
            raise ValueError("is no bot token; copy it whole from BotFather, like 123456:ABC…")
        return token

    @model_validator(mode="after")
    def _is_private_or_encrypted(self) -> "Settings":
        if not _is_loopback(self.host) and not self.public_url.startswith("https://"):
            raise ValueError(
                "KEPU_HOST lets other machines in; "
                "set KEPU_PUBLIC_URL to the https:// address of the proxy in front of it"
            )
        return self

    @model_validator(mode="after")
    def _is_telegram_whole(self) -> "Settings":
        if not self.is_telegram_on:
            for name in ("telegram_webhook_secret", "telegram_mode"):
                if name in self.model_fields_set and getattr(self, name):
                    raise ValueError(f"{variable(name)} is set, but KEPU_TELEGRAM_TOKEN is not")
        elif self.telegram_mode == "webhook":
            if not self.telegram_webhook_secret:
                raise ValueError("KEPU_TELEGRAM_MODE=webhook needs KEPU_TELEGRAM_WEBHOOK_SECRET")
            if not WEBHOOK_SECRET.fullmatch(self.telegram_webhook_secret.get_secret_value()):
                raise ValueError("KEPU_TELEGRAM_WEBHOOK_SECRET takes 1 to 256 letters, digits, _ -")
            if not self.public_url.startswith("https://"):
                raise ValueError("KEPU_TELEGRAM_MODE=webhook needs KEPU_PUBLIC_URL, with https://")
        return self

    @model_validator(mode="after")
    def _is_wechat_whole(self) -> "Settings":
        names = [f"wechat_{each}" for each in WECHAT]
        given = [name for name in names if getattr(self, name)]
        missing = [variable(name) for name in names if not getattr(self, name)]
        if given and missing:
            raise ValueError(
                f"{variable(given[0])} is set, but {', '.join(missing)} not; "
                "copy what is missing from WeChat's console, or unset them all"
            )
        if self.wechat_aes_key and len(self.wechat_aes_key) != 43:
            raise ValueError("KEPU_WECHAT_AES_KEY has not 43 characters; copy it whole")
        return self


class Shown(NamedTuple):
    """A setting for the operator's eyes."""

    name: str
    value: str
    origin: str


def load() -> Settings:
    """Every setting. Raises SettingsWrong with one line. The secret key is made when missing."""
    try:
        settings = Settings()
        if settings.secret_key:
            return settings
        return settings.model_copy(update={"secret_key": SecretStr(kept_key(key_path(settings)))})
    except ValidationError as error:
        raise SettingsWrong(_line(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"kepu.toml: {error}") from error
    except KeyUnusable as error:
        raise SettingsWrong(str(error)) from error


def key_path(settings: Settings) -> Path:
    """Where a secret key that nobody gave is kept: beside the data."""
    url = make_url(settings.database_url)
    folder = Path(url.database or "").parent if url.drivername == "sqlite" else Path("data")
    return folder / "secret.key"


def unknown() -> list[str]:
    """A line for every KEPU_… variable and every line of kepu.toml that is no setting."""
    known = {variable(name) for name in Settings.model_fields}
    known |= {f"{variable(name)}_FILE" for name in secrets(Settings)}
    given = [name for name in environment() if name.startswith(PREFIX)]
    given += [variable(name) for name in toml_names(Settings)]
    lines = []
    for name in sorted(set(given) - known - NOT_SETTINGS):
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        lines.append(f"{name} is no setting of Kepu{hint}")
    return lines


def shown(settings: Settings) -> list[Shown]:
    """Every setting with its value and origin; secrets are not told."""
    given = {origin: source() for origin, source in sources(Settings).items()}
    rows = []
    for name in Settings.model_fields:
        origins = [origin for origin, values in given.items() if name in values]
        value = getattr(settings, name)
        made = str(key_path(settings)) if name == "secret_key" else "default"
        rows.append(Shown(variable(name), _visible(name, value), (*origins, made)[0]))
    return rows


def _visible(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN if value else ""
    return make_url(value).render_as_string() if name == "database_url" else str(value)


def _line(error: ValidationError) -> str:
    first = error.errors()[0]
    words = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return words
    name = variable(str(first["loc"][0]))
    return f"{name} {words}" if first["type"] == "value_error" else f"{name}: {words}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
