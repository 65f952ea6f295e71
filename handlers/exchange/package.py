"""Is this file an .xlsx that is safe to open?

A workbook is a zip of XML. What the zip says about itself is not believed: every part is unpacked
here, up to a limit, and only what was unpacked is handed on, packed anew.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from xml.parsers import expat

from handlers.messages import Refused
from handlers.texts import Text, _

FILE_MAX_BYTES = 5 * 1024 * 1024
PARTS_MAX = 200
UNPACKED_MAX_BYTES = 50 * 1024 * 1024
RATIO_MAX = 100  # real sheets pack 4 to 30 times; a bomb a thousand times
RATIO_FREE_BYTES = 1024 * 1024  # below this a part may pack as well as it likes: it harms nobody

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx with a password
CHUNK_BYTES = 64 * 1024


def unpack(data: bytes) -> dict[str, bytes]:
    """The XML parts of the workbook by name. Raises Refused with one line when it is not safe."""
    if len(data) > FILE_MAX_BYTES:
        raise Refused(_("The file is larger than {n} MB.", n=FILE_MAX_BYTES // 1024**2))
    if data.startswith(OLE_MAGIC):
        raise Refused(
            _("The file has a password or is of the old .xls kind; save it as .xlsx without one.")
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _parts(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(not_a_workbook()) from error  # RuntimeError: a part has a password


def pack(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a zip again, each once and none compressed."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return packed.getvalue()


def walk(
    content: bytes,
    begin: Callable[[str, Mapping[str, str]], Any],
    end: Callable[[str], Any] = lambda _name: None,
    words: Callable[[str], Any] = lambda _words: None,
) -> None:
    """Read XML from the first byte to the last; names come without their prefix.

    Raises Refused when it is broken, or brings definitions of its own (a bomb of entities).
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: begin(_local(name), attributes)
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = _refuse_definitions
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused(not_a_workbook()) from error


def not_a_workbook() -> Text:
    """The one line for everything that is no workbook."""
    return _("The file is not an Excel workbook (.xlsx), or it is damaged.")


def _parts(package: zipfile.ZipFile) -> dict[str, bytes]:
    entries = package.infolist()
    if len(entries) > PARTS_MAX:
        raise Refused(_too_much())
    parts: dict[str, bytes] = {}
    left = UNPACKED_MAX_BYTES
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels")):
            continue  # pictures and the like are not read, so not unpacked either
        content = _unpacked(package, entry, left)
        left -= len(content)
        parts[entry.filename] = content
    if "xl/workbook.xml" not in parts:
        raise Refused(not_a_workbook())
    return parts


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    packed_max = max(entry.compress_size * RATIO_MAX, RATIO_FREE_BYTES)
    content = bytearray()
    with package.open(entry) as part:
        while chunk := part.read(CHUNK_BYTES):
            content += chunk
            if len(content) > min(left, packed_max):
                raise Refused(_too_much())
    return bytes(content)


def _refuse_definitions(*_doctype: object) -> None:
    raise Refused(not_a_workbook())


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _too_much() -> Text:
    return _("The file unpacks to far more than a timetable; it is not opened.")
