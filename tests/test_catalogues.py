"""Does every sentence come out whole, in every language, whatever is put into it?"""

import ast
import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from handlers.texts import LOCALES, Clock, Day, Month, Several, Text, Value, _, ngettext, say
from tests import catalogues

ROOT = Path(__file__).parent.parent

AWKWARD: tuple[Value, ...] = (
    "",
    "{place}",
    "100 %s %(x)d",
    "<b>&amp;</b>",
    "重庆科技馆（南岸）",
    "long " * 100,
    "a\nb",
    "👨‍👩‍👧‍👦 مرحبا",
    0,
    1_234_567,
    Day(date(2028, 2, 29)),
    Clock(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), "Asia/Shanghai"),
    Month("2018-05"),
    Several(("A", "{B}")),
    Text("{words}", values={"words": "{inner}"}),
)
COUNTS = (0, 1, 2, 5, 1_234_567)


def test_the_catalogues_hold_every_sentence_and_nothing_else() -> None:
    assert catalogues.complaints() == []


def test_every_catalogue_is_of_a_language_spoken() -> None:
    assert {*catalogues.paths(), "en"} == set(LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_is_said_whole_whatever_is_put_into_it(locale: str) -> None:
    values = itertools.cycle(AWKWARD)
    for message in catalogues.code():
        one, *many = catalogues.sentences(message)
        names = catalogues.placeholders(one) - ({"n"} if many else set())
        for count in COUNTS if many else (None,):
            given = {name: next(values) for name in sorted(names)}
            numbered = given if count is None else {**given, "n": count}
            words = say(Text(one, "".join(many), count, numbered), locale)
            for value in given.values():
                assert ":." in one or say(value, locale) in words  # ":.0" leaves a value out


def test_every_sentence_is_written_out_where_it_is_said() -> None:
    """A sentence put together from parts could not be found by whoever translates it."""
    templates_are_read_apart = {ROOT / "bot" / "pages.py"}
    code = {*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")}
    for path in code - templates_are_read_apart:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="_"), args=[*said]):
                    count = 1
                case ast.Call(func=ast.Name(id="ngettext"), args=[*said]):
                    count = 2
                case _:
                    continue
            for sentence in said[:count]:
                assert isinstance(sentence, ast.Constant), f"{path.relative_to(ROOT)}:{node.lineno}"


def a_catalogue(msgid: str | tuple[str, str], msgstr: str | tuple[str, ...]) -> Catalog:
    catalogue = Catalog("zh_CN")
    catalogue.add(msgid, msgstr)
    return catalogue


@pytest.mark.parametrize(
    ("msgid", "msgstr", "told"),
    [
        ("Hello {name}", "", "not translated"),
        ("Hello {name}", "您好", "named"),
        ("Hello {name}", "您好 {nme}", "named"),
        ("Hello {name}", "您好 {name", "expected '}'"),
        ("Hello", "您好！", "exclamation"),
        ("Which day?", "哪一天?", "Latin mark"),
        ("Hello", "您好 ", "blank"),
        (("{n} place of {all}", "{n} places of {all}"), ("{n} 个名额",), "named"),
        (("{n} place", "{n} places"), ("{n} 个", "{n} 个"), "1 plural forms"),
    ],
)
def test_what_is_wrong_with_a_translation_is_found(
    msgid: str | tuple[str, str], msgstr: str | tuple[str, ...], told: str
) -> None:
    known = [message for message in a_catalogue(msgid, "") if message.id]
    found = list(catalogues._of_catalogue(a_catalogue(msgid, msgstr), known))
    assert len(found) == 1, found
    assert told in found[0]


def test_what_is_no_longer_said_is_found() -> None:
    assert list(catalogues._of_catalogue(a_catalogue("Gone", "无"), [])) == [
        "no longer in the code: Gone"
    ]


def test_a_good_translation_is_left_in_peace() -> None:
    plural = ("{n} place left at {base}", "{n} places left at {base}")
    for msgid, msgstr in (("Hello {name}", "{name}，您好"), (plural, ("{base}还有 {n} 个名额",))):
        known = [message for message in a_catalogue(msgid, "") if message.id]
        assert list(catalogues._of_catalogue(a_catalogue(msgid, msgstr), known)) == []


def test_a_sentence_without_translation_is_said_in_english() -> None:
    assert say(_("No such sentence, {name}", name="豆豆"), "zh_CN") == "No such sentence, 豆豆"
    assert say(ngettext("{n} thing", "{n} things", 2), "en") == "2 things"
