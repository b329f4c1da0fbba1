"""How every fault experiment reports: acked, lost, duplicates, stuck, recovery seconds; printed and judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What an experiment found. `allowed` duplicates are those between "sent" and "receipt stored"."""

    name: str
    acked: int
    lost: int
    duplicates: int
    stuck: int
    recovery: float
    note: str = ""

    def judged(self, allowed: int = 0) -> "Outcome":
        """Prints the line; nothing may be lost or stuck, and duplicates only where they are allowed."""
        print(
            f"\n{self.name}: acked {self.acked} / lost {self.lost} / duplicates {self.duplicates} / stuck {self.stuck}"
            f" / recovery {self.recovery:.2f} s  {self.note}"
        )
        assert self.lost == 0, self
        assert self.stuck == 0, self
        assert self.duplicates <= allowed, self
        return self
