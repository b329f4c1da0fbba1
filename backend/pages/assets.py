"""Small static files from the package, served under a name that carries their content's hash and cached for ever."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FOR_EVER = "public, max-age=31536000, immutable"
WORTH_PACKING = 600  # bytes; below, gzip saves nothing
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; `packed` is its gzip form, empty when not worth it."""

    name: str
    body: bytes
    packed: bytes
    mime: str


class Assets:
    """The files of some package folders below one address; read once."""

    def __init__(self, prefix: str, packages: Iterable[str]) -> None:
        self.prefix = prefix
        self._names: dict[str, str] = {}
        self._served: dict[str, Asset] = {}
        for package in packages:
            for entry in files(package).joinpath("static").iterdir():
                self._add(entry)

    def _add(self, entry: Traversable) -> None:
        body = entry.read_bytes()
        path = PurePath(entry.name)
        name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
        mime = TYPES.get(path.suffix) or mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
        packed = gzip.compress(body, 9, mtime=0) if len(body) > WORTH_PACKING and path.suffix in TYPES else b""
        self._names[entry.name] = name
        self._served[name] = Asset(name, body, packed, mime)

    def url(self, name: str) -> str:
        """The address of a file; KeyError for one that does not exist, so that a typo fails the tests."""
        return f"{self.prefix}/{self._names[name]}"

    def body(self, name: str) -> bytes:
        """The bytes of a file, for the few that need an address of their own."""
        return self._served[self._names[name]].body

    def routes(self) -> list[Route]:
        """`GET <prefix>/<name>.<hash>.<ending>`."""
        return [Route(f"{self.prefix}/{{name}}", self.serve, methods=["GET"])]

    async def serve(self, request: Request) -> Response:
        """One file; an old or guessed name is 404."""
        asset = self._served.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("not found", status_code=404)
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, media_type=asset.mime, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.body, media_type=asset.mime, headers=headers)
