"""Can everybody read it? The contrast of every pair of colours that meet, light and dark."""

import re

import pytest

from bot.pages import PAGE_FOLDER

TEXT, EDGE = 4.5, 3.0  # WCAG AA: of text, and of what marks a control
CSS = (PAGE_FOLDER / "static" / "chat.css").read_text()

# What stands on what.
READ = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link") for ground in ("card", "paper", "bar")),
    *((ink, "tint") for ink in ("ink", "ink-soft", "link", "green-deep")),
    ("on-green", "green"),
    ("green-deep", "paper"),
    ("demo-ink", "demo"),
    ("red", "paper"),
]
SEEN = [("edge", "card"), ("edge", "bar"), ("green", "card"), ("green", "paper"), ("link", "paper")]


def themes() -> dict[str, dict[str, str]]:
    """The colours of each theme, by name."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.S)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks)
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    poor = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in READ
        if contrast(colours[ink], colours[ground]) < TEXT
    }
    assert poor == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_controls_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    poor = {
        f"{edge} on {ground}": round(contrast(colours[edge], colours[ground]), 2)
        for edge, ground in SEEN
        if contrast(colours[edge], colours[ground]) < EDGE
    }
    assert poor == {}


def test_the_green_of_the_light_theme_is_the_one_that_was_chosen() -> None:
    assert themes()["light"]["green"] == "#018942"
    assert contrast("#018942", "#ffffff") == pytest.approx(4.51, abs=0.01)


def test_no_rule_names_a_colour_beside_the_palette() -> None:
    rules = re.sub(r":root \{.*?\}", "", CSS.split("@media print")[0], flags=re.S)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) <= {"#fff"}  # paper of a QR code
