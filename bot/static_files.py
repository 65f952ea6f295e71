"""Which files do our pages use, and how long may a browser keep them?

All of them are read at the start. Their address holds a hash of their contents, so a browser keeps
them for a year and asks for new ones the moment they change.
"""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from multidict import CIMultiDict

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
GZIP_FROM_BYTES = 512


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    gzipped: bytes
    content_type: str


class StaticFiles:
    """The files of some folders, by name, under one address."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files = {
            path.name: _file(path)
            for folder in folders
            for path in sorted(folder.iterdir())
            if path.suffix in TYPES
        }
        digest = hashlib.sha256()
        for name, each in self._files.items():
            digest.update(name.encode() + each.body)
        # One hash for all, as a folder: modules then import each other by plain relative names.
        self.version = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Where a page finds the file. Raises KeyError when there is none."""
        self._files[name]
        return f"/static/{self.version}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{version}/{name}. An older version gets today's file, not to be kept."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        is_current = request.match_info["version"] == self.version
        headers = CIMultiDict(
            {
                "Content-Type": f"{found.content_type}; charset=utf-8",
                "Cache-Control": FOREVER if is_current else ASK_FIRST,
                "Vary": "Accept-Encoding",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            }
        )
        if found.gzipped and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=found.gzipped, headers=headers)
        return web.Response(body=found.body, headers=headers)

    def weight(self) -> int:
        """The bytes of all files together."""
        return sum(len(each.body) for each in self._files.values())


def _file(path: Path) -> _File:
    body = path.read_bytes()
    is_worth = len(body) >= GZIP_FROM_BYTES
    return _File(body, gzip.compress(body, mtime=0) if is_worth else b"", TYPES[path.suffix])
