"""The frame all four table parsers share: rows in, typed records out, every fault with its line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from backend.imports.cells import RowRefused
from backend.imports.problems import Fault, Problem
from backend.imports.reading import Row
from backend.imports.records import Record

Progress = Callable[[int], None]  # told how many rows are done
TELL_EVERY = 2000


@dataclass(slots=True)
class Parsed:
    """What a file holds: records with the line each stands in, and everything that is wrong."""

    records: list[Record] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    encoding: str = "utf-8-sig"

    @property
    def is_good(self) -> bool:
        """Whether there are only warnings."""
        return all(problem.is_warning for problem in self.problems)

    def add(self, line: int, record: Record) -> None:
        """A good row."""
        self.records.append(record)
        self.lines.append(line)


def parse_rows(
    rows: Iterable[Row | Problem],
    read: Callable[[Row], tuple[Record, str]],
    warn: Callable[[Record], tuple[Fault, dict[str, str]] | None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> Parsed:
    """Reads each row into (record, identity); two rows of one identity are a fault; `warn` may add a note."""
    parsed = Parsed()
    seen: dict[int, int] = {}
    for row in rows:
        if isinstance(row, Problem):
            parsed.problems.append(row)
            parsed.rows += row.fault not in (Fault.COLUMN_MISSING, Fault.COLUMN_EXTRA)
            continue
        parsed.rows += 1
        try:
            record, identity = read(row)
        except RowRefused as refused:
            parsed.problems.append(Problem(row.line, refused.fault, refused.facts))
            continue
        first = seen.setdefault(hash(identity), row.line)
        if first != row.line:
            facts = {"first": str(first), "value": identity.replace("\t", " ")[:60]}
            parsed.problems.append(Problem(row.line, Fault.DUPLICATE, facts))
            continue
        note = warn(record)
        if note:
            parsed.problems.append(Problem(row.line, *note))
        parsed.add(row.line, record)
        if parsed.rows % TELL_EVERY == 0:
            progress(parsed.rows)
    if not parsed.rows and not parsed.problems:
        parsed.problems.append(Problem(1, Fault.EMPTY_FILE))
    progress(parsed.rows)
    return parsed
