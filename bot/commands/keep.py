"""`linli backup` and `linli restore`: one file with the database, the photos and the models, taken while serving.

The secret is never inside: a stolen backup stays sealed. Restoring needs the same LINLI_SECRET_KEY (or var/secret_key).
PostgreSQL is dumped by its own tools, `pg_dump` and `pg_restore`, which must be on the machine.
"""

import asyncio
import shutil
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from backend.db.database import Database
from backend.db.migrate import upgrade
from bot.commands.terminal import out, run
from bot.settings import Settings
from nlu.errors import LinliError

DUMP_NAMES = {"sqlite": "linli.db", "postgresql": "linli.dump"}


class BackupRefused(LinliError):
    """This backup cannot be used here; nothing was changed."""

    code = "backup_refused"
    status = 422


def backup(file: Annotated[Path, typer.Argument(help="where to write, e.g. linli-2026-11-23.tar.gz")]) -> None:
    """Write database, photos and models into one file; the server may keep running."""
    run(lambda settings: _backup(settings, file))


def restore(
    file: Annotated[Path, typer.Argument(help="a file made by `linli backup`")],
    force: Annotated[bool, typer.Option(help="replace a database that is already there")] = False,
) -> None:
    """Put a backup back; stop the server first."""
    run(lambda settings: _restore(settings, file, force))


async def _backup(settings: Settings, file: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        dump = await _dump(settings, Path(scratch))
        size = await asyncio.to_thread(_pack, file, dump, settings)
    out.print(f"{file}: {size / 1e6:.1f} MB; keep the secret key somewhere else")


async def _dump(settings: Settings, folder: Path) -> Path:
    url = make_url(settings.database.url)
    kind = url.get_backend_name()
    target = folder / DUMP_NAMES[kind]
    if kind == "sqlite":
        await asyncio.to_thread(_copy_sqlite, Path(url.database or ""), target)
    else:
        await _tool("pg_dump", "-Fc", "-f", str(target), f"--dbname={_libpq(settings)}")
    return target


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: consistent while others write."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise BackupRefused(f"the copy is not sound: {verdict}")


def _pack(file: Path, dump: Path, settings: Settings) -> int:
    partial = file.with_suffix(file.suffix + ".part")
    with tarfile.open(partial, "w:gz") as archive:
        archive.add(dump, dump.name)
        for name, folder in (("media", settings.media_folder), ("models", settings.nlu.models)):
            if folder.is_dir():
                archive.add(folder, name)
    partial.rename(file)
    return file.stat().st_size


async def _restore(settings: Settings, file: Path, force: bool) -> None:
    url = make_url(settings.database.url)
    kind = url.get_backend_name()
    with tempfile.TemporaryDirectory() as scratch:
        await asyncio.to_thread(_unpack, file, Path(scratch))
        dump = Path(scratch) / DUMP_NAMES[kind]
        if not dump.is_file():
            raise BackupRefused(f"{file.name} holds no {kind} database")
        if kind == "sqlite":
            _place_sqlite(dump, Path(url.database or ""), force)
        else:
            await _tool("pg_restore", "--clean", "--if-exists", f"--dbname={_libpq(settings)}", str(dump))
        _place_folder(Path(scratch) / "media", settings.media_folder)
        _place_folder(Path(scratch) / "models", settings.nlu.models)
    database = Database(settings.database.url)
    await upgrade(database)
    await database.close()
    out.print(f"restored from {file.name}")


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as broken:
        raise BackupRefused(f"{file.name}: {broken}") from broken


def _place_sqlite(dump: Path, target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise BackupRefused(f"{target} is there already; add --force to replace it")
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    shutil.copy2(dump, target)


def _place_folder(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _libpq(settings: Settings) -> str:
    return make_url(settings.database.url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _tool(name: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise BackupRefused(f"{name} is not on this machine; install the PostgreSQL client programs")
    process = await asyncio.create_subprocess_exec(program, *arguments, stderr=asyncio.subprocess.PIPE)
    _, complaint = await process.communicate()
    if process.returncode:
        raise BackupRefused(f"{name}: {complaint.decode(errors='replace')[-400:]}")
