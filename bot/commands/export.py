"""`linli export`: the district's own lists in the form that `linli import` reads; staff phones only with a reason."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from backend.imports.exporting import records_of
from backend.imports.files import write_file
from backend.imports.records import Kind
from bot.commands.terminal import out, run
from bot.main import open_office
from bot.settings import Settings

BY = "command line"


def export(
    kind: Annotated[Kind, typer.Argument(help="areas | addresses | staff | items | knowledge")],
    file: Annotated[Path, typer.Argument(help="where to write")],
    with_phones: Annotated[bool, typer.Option("--with-phones", help="whole telephone numbers of staff")] = False,
    reason: Annotated[str, typer.Option(help="why whole numbers are needed; audited")] = "",
) -> None:
    """Write one of the lists as a file that can be imported again.

    Staff phones are masked unless --with-phones: the import names masked ones line by line and takes none of the file,
    so that nobody's number is lost by bringing a masked list back.
    """
    whole = with_phones and kind is Kind.STAFF
    if whole and not reason.strip():
        raise typer.BadParameter("say why whole telephone numbers leave the house / 请写明原因", param_hint="--reason")
    text, count = run(lambda settings: _export(settings, kind, reason.strip() if whole else ""))
    if whole:
        file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8" if kind is Kind.AREAS else "utf-8-sig", newline="")
    out.print(f"{file}: {count}", markup=False, highlight=False)


async def _export(settings: Settings, kind: Kind, phones_because: str) -> tuple[str, int]:
    office = await open_office(settings)
    try:
        async with office.database.write() as session:
            records = await records_of(session, office, kind, with_phones=bool(phones_because))
            await office.auditor.record(
                session,
                at=datetime.now(UTC),
                actor=BY,
                action="export_list",
                subject=kind.value,
                rows=len(records),
                reason=phones_because,
            )
        return write_file(kind, records), len(records)
    finally:
        await office.database.close()
