"""Records into tables: an upsert by each list's own key, in the caller's one transaction, in blocks.

Keys: area code · (address, area) · (name, role, area) · item code · question. Nothing is deleted by an import.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.imports.parsing import Progress

BLOCK = 5000
Values = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """What an import would do; made without writing, so that a check and a run tell the same numbers."""

    table: type[SQLModel]
    key: str  # the primary key column that updates go by
    inserts: list[Values]
    updates: list[Values]
    unchanged: int


def compare(
    table: type[SQLModel],
    key: str,
    wanted: Iterable[tuple[tuple[Any, ...], Values]],
    existing: dict[tuple[Any, ...], tuple[Any, Values]],
) -> Plan:
    """Sorts the wanted rows (identity, values) into new, changed and unchanged against (primary key, values)."""
    plan = Plan(table, key, [], [], 0)
    for identity, values in wanted:
        found = existing.get(identity)
        if found is None:
            plan.inserts.append(values)
        elif any(found[1].get(name) != value for name, value in values.items() if name in found[1]):
            plan.updates.append({**values, "_key": found[0]})
        else:
            plan.unchanged += 1
    return plan


async def existing_rows(
    session: AsyncSession,
    table: type[SQLModel],
    key: str,
    columns: Sequence[str],
    identity: Callable[[Values], tuple[Any, ...]],
) -> dict[tuple[Any, ...], tuple[Any, Values]]:
    """Rows of the table by identity, only the columns that are compared."""
    names = [key, *columns]
    rows = await session.exec(select(*(col(getattr(table, name)) for name in names)))
    found = {}
    for row in rows:
        values = dict(zip(names, row, strict=True))
        found[identity(values)] = (values[key], {name: values[name] for name in columns})
    return found


async def write_plan(session: AsyncSession, plan: Plan, progress: Progress = lambda _: None) -> None:
    """Carries out a plan inside the caller's transaction."""
    done = 0
    for start in range(0, len(plan.inserts), BLOCK):
        block = plan.inserts[start : start + BLOCK]
        await session.execute(insert(plan.table), block)
        done += len(block)
        progress(done)
    if plan.updates:
        names = [name for name in plan.updates[0] if name != "_key"]
        change = update(plan.table).where(col(getattr(plan.table, plan.key)) == bindparam("_key"))
        connection = await session.connection()
        for start in range(0, len(plan.updates), BLOCK):
            block = plan.updates[start : start + BLOCK]
            values = [{f"v_{n}": row[n] for n in names} | {"_key": row["_key"]} for row in block]
            await connection.execute(change.values({n: bindparam(f"v_{n}") for n in names}), values)
            done += len(block)
            progress(done)
