"""How an invented problem runs: scripts of moves with the minutes between them, for the rules to carry out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.demo.cast import Cast, Citizen, Dice, Player
from backend.domain.case_view import SYSTEM
from backend.domain.words import Level, Role

HOUR, DAY = 60, 24 * 60
CLOCKWORK = Player(SYSTEM, "")


class Step(NamedTuple):
    """After so many minutes, this person makes this move."""

    minutes: int
    who: Player
    move: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a script may draw on."""

    cast: Cast
    dice: Dice
    path: tuple[str, ...]  # district, street, community, grid
    citizen: Citizen
    unit: str
    words: Mapping[str, Any]
    result: str

    @property
    def worker(self) -> Player:
        """The A person; one time in six the B person stood in."""
        people = self.cast.staff["worker", self.path[3]]
        return people[1] if self.dice.below(6) == 0 else people[0]

    @property
    def verifier(self) -> Player:
        return self.cast.one(Role.VERIFIER, self.path[1])

    @property
    def community(self) -> Player:
        return self.cast.one(Role.DISPATCHER, self.path[2])

    @property
    def street(self) -> Player:
        return self.cast.one(Role.DISPATCHER, self.path[1])

    @property
    def operator(self) -> Player:
        return self.dice.pick(self.cast.staff["operator", self.path[0]])

    @property
    def department(self) -> Player:
        return self.cast.one(Role.DEPARTMENT, self.unit)

    def between(self, low: int, high: int) -> int:
        """Minutes, evenly spread."""
        return low + self.dice.below(high - low + 1)

    def word(self, name: str) -> str:
        """One of the sentences of a list."""
        return str(self.dice.pick(self.words[name]))


def script(scene: Scene, kind: str) -> list[Step]:
    """The moves after filing."""
    if kind in ("consultation", "praise", "suggestion") and not scene.unit:
        return _answered(scene)
    if scene.dice.below(40) == 0:
        return [Step(scene.between(5, HOUR), scene.citizen.player, "withdraw", {"reason": "自己解决了"})]
    worker = scene.worker
    start = [
        Step(scene.between(1, 8), CLOCKWORK, "dispatch", {"assignee": worker.actor.id}),
        Step(scene.between(4, 5 * HOUR), worker, "accept", {}),
    ]
    if scene.unit:
        return [*start, *_by_department(scene, worker)]
    return [*start, *_in_the_grid(scene, worker)]


def _answered(s: Scene) -> list[Step]:
    return [
        Step(s.between(10, 3 * HOUR), s.operator, "answer", {"result": s.result}),
        *_checked(s),
    ]


def _in_the_grid(s: Scene, worker: Player) -> list[Step]:
    contact = [
        Step(s.between(5, 2 * HOUR), worker, "on_the_way", {"eta": "半小时内到"}),
        Step(s.between(10, HOUR), worker, "start_contact", {"text": "已到现场查看"}),
    ]
    turns: dict[int, Callable[[], list[Step]]] = {
        0: lambda: _with_waiting(s, worker),
        1: lambda: _with_redo(s, worker),
        2: lambda: _handed_up(s, worker, Level.COMMUNITY),
        3: lambda: _unhappy(s, worker),
        4: lambda: _returned(s, worker),
        5: lambda: _handed_up(s, worker, Level.COMMUNITY),
    }
    turn = turns.get(s.dice.below(20))
    return contact + (turn() if turn else [_done(s, worker, 20, 2 * DAY), *_checked(s)])


def _by_department(s: Scene, worker: Player) -> list[Step]:
    seen = Step(s.between(20, 6 * HOUR), worker, "start_contact", {"text": "已到现场拍照核实"})
    if s.dice.below(4) == 0:
        return [seen, *_handed_up(s, worker, s.dice.pick((Level.COMMUNITY, Level.STREET)))]
    passed = [
        Step(s.between(10, 4 * HOUR), worker, "transfer", {"unit": s.unit, "reason": s.word("return_words")}),
        Step(s.between(20, 8 * HOUR), s.department, "accept", {}),
    ]
    turns: dict[int, Callable[[], list[Step]]] = {
        0: lambda: _extended(s, s.department),
        1: lambda: _parked(s, s.department),
        2: lambda: _with_redo(s, s.department),
        3: lambda: _unhappy(s, s.department),
        4: lambda: [_done(s, s.department, 9 * DAY, 16 * DAY), *_checked(s)],  # late
    }
    turn = turns.get(s.dice.below(20))
    return [seen, *passed, *(turn() if turn else [_done(s, s.department, 3 * HOUR, 5 * DAY), *_checked(s)])]


def _done(s: Scene, who: Player, low: int, high: int) -> Step:
    return Step(s.between(low, high), who, "done", {"result": s.result})


def _checked(s: Scene) -> list[Step]:
    """Confirmed by the resident or the verifier, closed by the clockwork, rated by most."""
    by = s.citizen.player if s.dice.below(5) < 2 else s.verifier
    steps = [
        Step(s.between(HOUR, 28 * HOUR), by, "verify", {}),
        Step(1, CLOCKWORK, "close", {}),
    ]
    if s.dice.below(10) < 7:
        score = (5, 5, 5, 5, 5, 4, 4, 4, 3, 2)[s.dice.below(10)]
        steps.append(Step(s.between(10, 30 * HOUR), s.citizen.player, "feedback", {"score": score, "text": ""}))
    return steps


def _with_waiting(s: Scene, who: Player) -> list[Step]:
    return [
        Step(s.between(10, HOUR), who, "wait_for_resident", {"reason": s.word("wait_words")}),
        Step(s.between(HOUR, DAY), s.citizen.player, "resume", {"text": "照片发过来了"}),
        _done(s, who, HOUR, 2 * DAY),
        *_checked(s),
    ]


def _with_redo(s: Scene, who: Player) -> list[Step]:
    return [
        _done(s, who, HOUR, 2 * DAY),
        Step(s.between(HOUR, DAY), s.verifier, "fail_verification", {"reason": s.word("redo_words")}),
        _done(s, who, HOUR, 2 * DAY),
        *_checked(s),
    ]


def _unhappy(s: Scene, who: Player) -> list[Step]:
    """Rated badly, the resident asks again, the street decides that it is done again."""
    why = s.word("unhappy_words")
    return [
        _done(s, who, HOUR, 2 * DAY),
        Step(s.between(HOUR, DAY), s.verifier, "verify", {}),
        Step(1, CLOCKWORK, "close", {}),
        Step(s.between(HOUR, DAY), s.citizen.player, "feedback", {"score": 1, "text": why}),
        Step(5, s.citizen.player, "request_reopen", {"reason": why}),
        Step(s.between(HOUR, DAY), s.street, "reopen", {"reason": "居民反映属实"}),
        _done(s, who, HOUR, 2 * DAY),
        Step(s.between(HOUR, DAY), s.verifier, "verify", {}),
        Step(1, CLOCKWORK, "close", {}),
    ]


def _returned(s: Scene, worker: Player) -> list[Step]:
    """The community's dispatcher takes what the worker gives back."""
    return [
        Step(s.between(10, HOUR), worker, "return_", {"reason": s.word("return_words")}),
        Step(s.between(10, 4 * HOUR), s.community, "claim", {}),
        _done(s, s.community, HOUR, 2 * DAY),
        *_checked(s),
    ]


def _handed_up(s: Scene, worker: Player, to: Level) -> list[Step]:
    """One rung at a time; whoever holds it at the top settles it, or gives it to the department."""
    reason = {"reason": s.word("return_words")}
    steps = [
        Step(s.between(10, 3 * HOUR), worker, "hand_over", reason),
        Step(s.between(10, 4 * HOUR), s.community, "claim", {}),
    ]
    holder = s.community
    if to is Level.STREET:
        holder = s.street
        steps += [
            Step(s.between(10, 3 * HOUR), s.community, "hand_over", reason),
            Step(s.between(10, 4 * HOUR), s.street, "claim", {}),
        ]
    if s.unit:
        steps += [
            Step(s.between(10, HOUR), holder, "transfer", {"unit": s.unit, **reason}),
            Step(s.between(20, 8 * HOUR), s.department, "accept", {}),
        ]
        holder = s.department
    return [*steps, _done(s, holder, 2 * HOUR, 4 * DAY), *_checked(s)]


def _extended(s: Scene, who: Player) -> list[Step]:
    asked = {"reason": s.word("extension_words"), "amount": 3}
    return [
        Step(s.between(HOUR, DAY), who, "request_extension", asked),
        Step(s.between(HOUR, DAY), s.street, "approve_extension", {"amount": 3}),
        _done(s, who, DAY, 5 * DAY),
        *_checked(s),
    ]


def _parked(s: Scene, who: Player) -> list[Step]:
    return [
        Step(s.between(HOUR, DAY), who, "request_pending", {"reason": s.word("pending_words")}),
        Step(s.between(HOUR, DAY), s.street, "approve_pending", {"reason": "同意挂账，列入计划"}),
    ]
