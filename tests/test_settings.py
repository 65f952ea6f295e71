"""Is every setting read, checked and told, and is the start refused with a line that helps?"""

import os
import re
from pathlib import Path

import pytest

from bot.secret_key import KeyUnusable, kept_key
from bot.settings import HIDDEN, Settings, SettingsWrong, load, shown, unknown

ROOT = Path(__file__).parent.parent
KEY = "k" * 40


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's empty folder, and an environment that says nothing of Kepu."""
    for name in [name for name in os.environ if name.startswith("KEPU_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_any_setting_it_listens_here_and_keeps_a_file() -> None:
    settings = load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url == "sqlite:///data/kepu.db"
    assert settings.address == "http://127.0.0.1:8080"
    assert not settings.is_telegram_on
    assert not settings.is_wechat_on


def test_the_environment_decides_before_dotenv_before_the_toml(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "kepu.toml").write_text('port = 1001\nhost = "localhost"\ntimezone = "Asia/Urumqi"\n')
    (folder / ".env").write_text("KEPU_PORT=1002\nKEPU_HOST=::1\n")
    monkeypatch.setenv("KEPU_PORT", "1003")
    settings = load()
    assert (settings.port, settings.host, settings.timezone) == (1003, "::1", "Asia/Urumqi")
    origins = {row.name: row.origin for row in shown(settings)}
    assert origins["KEPU_PORT"] == "environment"
    assert origins["KEPU_HOST"] == ".env"
    assert origins["KEPU_TIMEZONE"] == "kepu.toml"
    assert origins["KEPU_LOG_LEVEL"] == "default"
    assert origins["KEPU_SECRET_KEY"] == "data/secret.key"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1  # type: ignore[misc]  # what the test is about


def test_a_secret_may_lie_in_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "key").write_text(KEY + "\n")
    monkeypatch.setenv("KEPU_SECRET_KEY_FILE", str(folder / "key"))
    settings = load()
    assert settings.secret_key.get_secret_value() == KEY
    assert not (folder / "data").exists()
    assert {row.name: row.origin for row in shown(settings)}["KEPU_SECRET_KEY"] == "file"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPU_TELEGRAM_TOKEN_FILE", "/nowhere")
    with pytest.raises(SettingsWrong, match=r"KEPU_TELEGRAM_TOKEN_FILE.*/nowhere"):
        load()


def test_the_secret_key_is_made_once_and_for_us_alone(folder: Path) -> None:
    first = load().secret_key.get_secret_value()
    assert len(first) >= 32
    assert load().secret_key.get_secret_value() == first
    assert (folder / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (folder / "data").iterdir()] == ["secret.key"]


def test_the_secret_key_lies_beside_the_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPU_DATABASE_URL", f"sqlite:///{folder}/elsewhere/k.db")
    load()
    assert (folder / "elsewhere" / "secret.key").exists()


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    load()
    (folder / "data" / "secret.key").chmod(0o644)
    with pytest.raises(SettingsWrong, match=r"chmod 600 data/secret.key"):
        load()


def test_half_a_key_is_refused(folder: Path) -> None:
    path = folder / "secret.key"
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="holds no whole key"):
        kept_key(path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"port": "http"}, "KEPU_PORT: .*integer"),
        ({"port": "70000"}, "KEPU_PORT: .*65535"),
        ({"log_level": "loud"}, "KEPU_LOG_LEVEL: .*'info'"),
        ({"timezone": "Asia/Chonqing"}, "KEPU_TIMEZONE .*Asia/Shanghai"),
        ({"timezone": "../../etc/passwd"}, "KEPU_TIMEZONE .*Asia/Shanghai"),
        ({"default_locale": "fr"}, "KEPU_DEFAULT_LOCALE .*zh_CN, en"),
        ({"database_url": "mysql://x/y"}, "KEPU_DATABASE_URL .*postgresql://"),
        ({"database_url": "kepu.db"}, "KEPU_DATABASE_URL .*sqlite:///FILE"),
        ({"database_url": "sqlite://"}, "KEPU_DATABASE_URL names no file"),
        ({"secret_key": "short"}, "KEPU_SECRET_KEY is too short; give 32"),
        ({"public_url": "kepu.example"}, "KEPU_PUBLIC_URL is no address; give https://"),
        ({"host": "0.0.0.0"}, "KEPU_HOST .*set KEPU_PUBLIC_URL"),
        ({"host": "kepu.example", "public_url": "http://kepu.example"}, "KEPU_HOST .*https://"),
        ({"telegram_token": "123"}, "KEPU_TELEGRAM_TOKEN .*BotFather"),
        ({"telegram_webhook_secret": "x"}, "KEPU_TELEGRAM_WEBHOOK_SECRET .*KEPU_TELEGRAM_TOKEN"),
        (
            {"telegram_token": f"1:{KEY}", "telegram_mode": "webhook"},
            "KEPU_TELEGRAM_MODE=webhook needs KEPU_TELEGRAM_WEBHOOK_SECRET",
        ),
        (
            {
                "telegram_token": f"1:{KEY}",
                "telegram_mode": "webhook",
                "telegram_webhook_secret": "x",
            },
            "KEPU_TELEGRAM_MODE=webhook needs KEPU_PUBLIC_URL",
        ),
        (
            {
                "telegram_token": f"1:{KEY}",
                "telegram_mode": "webhook",
                "telegram_webhook_secret": "not taken by Telegram",
            },
            "KEPU_TELEGRAM_WEBHOOK_SECRET takes 1 to 256",
        ),
        ({"wechat_app_id": "wx1"}, "KEPU_WECHAT_APP_ID is set, but KEPU_WECHAT_APP_SECRET, .* not"),
        (
            {
                "wechat_app_id": "wx1",
                "wechat_app_secret": "a",
                "wechat_token": "b",
                "wechat_aes_key": "c",
                "wechat_account": "gh_1",
            },
            "KEPU_WECHAT_AES_KEY has not 43 characters",
        ),
    ],
)
def test_a_wrong_or_half_setting_refuses_the_start_with_one_line(
    given: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"KEPU_{name.upper()}", value)
    with pytest.raises(SettingsWrong, match=told) as refused:
        load()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "0.0.0.0", "public_url": "https://kepu.example/"},
        {"host": "localhost"},
        {"host": "127.0.0.2"},
        {"telegram_token": f"1:{KEY}"},
        {
            "telegram_token": f"1:{KEY}",
            "telegram_mode": "webhook",
            "telegram_webhook_secret": "x",
            "public_url": "https://kepu.example",
        },
        {
            "wechat_app_id": "wx1",
            "wechat_app_secret": "a",
            "wechat_token": "b",
            "wechat_aes_key": "c" * 43,
            "wechat_account": "gh_1",
        },
    ],
)
def test_whole_settings_are_taken(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"KEPU_{name.upper()}", value)
    settings = load()
    assert not settings.address.endswith("/")
    assert settings.is_telegram_on == ("telegram_token" in given)
    assert settings.is_wechat_on == ("wechat_app_id" in given)


def test_a_broken_toml_is_named(folder: Path) -> None:
    (folder / "kepu.toml").write_text("port = \n")
    with pytest.raises(SettingsWrong, match=r"kepu.toml: "):
        load()


def test_a_name_that_is_no_setting_is_told_with_the_nearest_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "kepu.toml").write_text("prot = 1\n")
    monkeypatch.setenv("KEPU_TELEGRAM_TOKN", "x")
    monkeypatch.setenv("KEPU_TELEGRAM_TOKEN_FILE", "x")
    monkeypatch.setenv("KEPU_TEST_FAULTS", "")
    assert unknown() == [
        "KEPU_PROT is no setting of Kepu; did you mean KEPU_PORT?",
        "KEPU_TELEGRAM_TOKN is no setting of Kepu; did you mean KEPU_TELEGRAM_TOKEN?",
    ]


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "canary" * 8
    monkeypatch.setenv("KEPU_DATABASE_URL", f"postgresql://kepu:{canary}@localhost/kepu")
    monkeypatch.setenv("KEPU_SECRET_KEY", canary)
    monkeypatch.setenv("KEPU_TELEGRAM_TOKEN", f"1:{canary}")
    settings = load()
    rows = {row.name: row.value for row in shown(settings)}
    assert canary not in repr(settings)
    assert canary not in str(rows)
    assert rows["KEPU_SECRET_KEY"] == HIDDEN
    assert rows["KEPU_WECHAT_TOKEN"] == ""
    assert list(rows) == [f"KEPU_{name.upper()}" for name in Settings.model_fields]


def test_a_wrong_secret_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPU_TELEGRAM_TOKEN", "canary")
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert "canary" not in str(refused.value)


def test_every_setting_says_what_it_is_for() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_lists_every_setting_with_its_default(page: str) -> None:
    rows = re.findall(r"^\|\s*`(KEPU_\w+)`\s*\|(.*)$", (ROOT / page).read_text("utf-8"), re.M)
    told = dict(rows)
    assert set(told) == {f"KEPU_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = str(field.default)
        if default and "*" not in default:
            assert f"`{default}`" in told[f"KEPU_{name.upper()}"]
