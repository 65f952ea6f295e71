"""Is every sentence of the code in every catalogue, and every catalogue in order?

`python -m tests.catalogues` brings the catalogues up to date with the code: new sentences wait for
their translation, gone ones go. With files named, it takes translations from them. `--check` only
tells what is wrong.
"""

import io
import re
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from handlers.texts import LOCALES

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locales"
TEMPLATE = FOLDER / "kepu.pot"
METHODS = [("**.py", "python"), ("**/templates/**.*", "jinja2"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "ngettext": (1, 2)}
HEADING = "# What Kepu says. `python -m tests.catalogues` keeps this file; people translate in it."
# Dates and versions would differ at every run.
VOLATILE = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Report-Msgid|Last-Tr|Language-Team|Generated-By).*\n',
    re.M,
)
WIDE = r"[\u4e00-\u9fff]"


def code() -> Catalog:
    """Every sentence of the code, none translated."""
    found = Catalog(project="Kepu", version="", charset="utf-8", fuzzy=False)
    found.header_comment = HEADING
    for folder in ("bot", "handlers"):
        for path, _, msgid, comments, context in extract_from_dir(
            ROOT / folder, METHODS, keywords=KEYWORDS, comment_tags=["For translators:"]
        ):
            found.add(msgid, None, [(f"{folder}/{path}", 0)], [], comments, context=context)
    return found


def paths() -> dict[str, Path]:
    """The catalogue of each language but English, which is the sentences themselves."""
    found = {path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/kepu.po")}
    spoken = sorted({*LOCALES, *found} - {"en"})
    return {locale: FOLDER / locale / "LC_MESSAGES" / "kepu.po" for locale in spoken}


def catalogue(locale: str, path: Path) -> Catalog:
    """A catalogue as it stands in its file; empty when there is none."""
    if not path.exists():
        return Catalog(locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def updated(locale: str, stored: Catalog, sources: Iterable[Catalog] = ()) -> Catalog:
    """The sentences of the code, with the translations of `stored`, else those of `sources`."""
    fresh = Catalog(locale, project="Kepu", version="", charset="utf-8", fuzzy=False)
    fresh.header_comment = HEADING
    for message in code():
        if message.id:
            words = _translation(message, [stored, *sources])
            comments = message.auto_comments
            fresh.add(message.id, words, message.locations, auto_comments=comments)
    return fresh


def written(found: Catalog) -> str:
    """A catalogue as its file should be: sorted, without dates and line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, found, sort_output=True, include_lineno=False, width=100)
    return VOLATILE.sub("", buffer.getvalue().decode())


def complaints() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    known = [message for message in code() if message.id]
    lines = [f"code: an exclamation mark: {m.id}" for m in known if "!" in str(m.id)]
    if not TEMPLATE.exists() or TEMPLATE.read_text("utf-8") != written(code()):
        lines.append(f"{TEMPLATE.name} is not up to date; run: python -m tests.catalogues")
    for locale, path in paths().items():
        stored = catalogue(locale, path)
        lines += [f"{locale}: {line}" for line in _of_catalogue(stored, known)]
        if not lines and path.read_text("utf-8") != written(updated(locale, stored)):
            lines.append(f"{locale}: not sorted or not up to date; run: python -m tests.catalogues")
    return lines


def sentences(message: Message) -> tuple[str, ...]:
    """The English of a message: one sentence, or one for 1 and one for other numbers."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def placeholders(template: str) -> set[str]:
    """The names in braces. Raises ValueError when the braces do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _of_catalogue(stored: Catalog, known: list[Message]) -> Iterator[str]:
    ids = {_key(message) for message in known}
    for message in stored:
        if message.id and _key(message) not in ids:
            yield f"no longer in the code: {_key(message)}"
    for message in stored.obsolete.values():
        yield f"obsolete: {_key(message)}"
    for message in known:
        found = stored.get(_key(message))
        if found is None or not all(_forms(found)):
            yield f"not translated: {_key(message)}"
        elif found.fuzzy:
            yield f"fuzzy: {_key(message)}"
        else:
            yield from _of_message(found, stored)


def _of_message(message: Message, stored: Catalog) -> Iterator[str]:
    name, forms = _key(message), _forms(message)
    if message.pluralizable and len(forms) != stored.num_plurals:
        yield f"{stored.num_plurals} plural forms expected: {name}"
    if message.pluralizable != isinstance(message.string, tuple):
        yield f"plural here, not there: {name}"
    wanted = placeholders(sentences(message)[-1])
    free = {"n"} if message.pluralizable else set()  # "one place left" need not say 1
    for form in forms:
        try:
            found = placeholders(form)
        except ValueError as error:
            yield f"{error}: {form}"
            continue
        if not wanted - free <= found <= wanted:
            yield f"{sorted(wanted)} are named, {sorted(found)} translated: {name}"
        yield from _of_words(form, str(name))


def _of_words(words: str, name: str) -> Iterator[str]:
    if "!" in words or "！" in words:
        yield f"an exclamation mark: {words}"
    if re.search(rf"{WIDE}[,;:?]|{WIDE}\.(\s|$)", words):
        yield f"a Latin mark after a Chinese word: {words}"
    if words.strip() != words and name.strip() == name:
        yield f"a blank at an end: {words}"


def _key(message: Message) -> str:
    return sentences(message)[0]


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def _translation(message: Message, sources: Iterable[Catalog]) -> str | tuple[str, ...]:
    for source in sources:
        found = source.get(_key(message))
        if found is not None and all(_forms(found)) and found.pluralizable == message.pluralizable:
            return _forms(found) if found.pluralizable else _forms(found)[0]
    return ""


def main(arguments: list[str]) -> int:
    """Bring the catalogues up to date, or tell what is wrong; 0 when nothing is."""
    if arguments != ["--check"]:
        TEMPLATE.write_text(written(code()), "utf-8")
        for locale, path in paths().items():
            sources = [catalogue(locale, Path(name)) for name in arguments]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(updated(locale, catalogue(locale, path), sources)), "utf-8")
    found = complaints()
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
