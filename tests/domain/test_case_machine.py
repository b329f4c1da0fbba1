"""Whatever anybody does in whatever order, some things always hold."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.domain.cards import warnings_due
from backend.domain.deadlines import clocks
from backend.domain.ladder import Push, Signals, escalations, fired
from backend.domain.lifecycle import MOVES, SYSTEM, apply, available, evolve, file_case, replay
from backend.domain.limits import limits_for
from backend.domain.refusals import MoveRefused, TransferLoop
from backend.domain.words import ENDS, LIVE, Kind, Role, Source, Urgency
from tests.domain.builders import (
    COMMUNITY_DISPATCHER,
    EVERY_FACT,
    FAR_DISPATCHER,
    NEIGHBOUR,
    NOW,
    ONE_OF_EACH,
    PATH,
    STRANGER,
    WORKER,
    WORKER_B,
    calendar,
)

CALENDAR = calendar()
PEOPLE = (*ONE_OF_EACH, NEIGHBOUR, STRANGER, WORKER_B, COMMUNITY_DISPATCHER, FAR_DISPATCHER)
NAMES = sorted(n for n, m in MOVES.items() if m.from_states)


class CaseMachine(RuleBasedStateMachine):
    """One case, a crowd of people, a clock that only runs forward, and the sweep."""

    @initialize(
        kind=st.sampled_from(Kind),
        urgency=st.sampled_from(Urgency),
        source=st.sampled_from(Source),
        depth=st.sampled_from([4, 4, 4, 3, 2, 1]),
        subjects=st.sampled_from([[], [WORKER.id], ["enforcement"]]),
    )
    def file(self, kind, urgency, source, depth, subjects):
        self.now, self.told = NOW, set()
        facts = {"kind": kind, "urgency": urgency, "source": source, "area_path": PATH[:depth], "subjects": subjects}
        self.events = file_case("1", ONE_OF_EACH[0], {**facts, "category": "urban.lighting"}, self.now)
        self.case = replay(self.events)

    def _take(self, events):
        self.events += events
        for event in events:
            self.case = evolve(self.case, event)

    def _try(self, actor, name: str, facts: dict[str, Any]) -> MoveRefused | None:
        offered = {m.name for m in available(self.case, actor)}
        before = self.case
        try:
            events = apply(self.case, actor, name, facts, self.now)
        except MoveRefused as refused:
            assert self.case == before
            return refused
        assert name in offered or name in ("accept", "withdraw")
        self._take(events)
        return None

    @rule(
        actor=st.sampled_from(PEOPLE),
        name=st.sampled_from([n for n in NAMES if MOVES[n].to not in ENDS]),
        assignee=st.sampled_from([WORKER.id, WORKER_B.id, "staff:disp", None]),
        missing=st.sampled_from(["", "reason", "photo", "result"]),
        subjects=st.sampled_from([None, [WORKER_B.id], ["staff:disp"], []]),
    )
    def somebody_tries_something(self, actor, name, assignee, missing, subjects):
        given = {**EVERY_FACT, "assignee": assignee, "subjects": subjects}
        facts = {k: v for k, v in given.items() if k != missing and v is not None}
        refused = self._try(actor, name, facts)
        if isinstance(refused, TransferLoop):
            self._escalate(Signals(refused_pass=True))

    @rule(pick=st.integers(0, 10_000), to_the_end=st.sampled_from([False] * 9 + [True]))
    def work_goes_on(self, pick, to_the_end):
        """Somebody makes one of all the moves that change the state (or decide on a request)."""
        ways = [(p, m) for p in PEOPLE for m in available(self.case, p) if m.to or m.only_if or m.needs]
        ways = [(p, m) for p, m in ways if m.to in LIVE or m.to is None or to_the_end]
        changing = [(p, m) for p, m in ways if m.to] if pick % 3 else ways
        if changing or ways:
            person, move = (changing or ways)[pick % len(changing or ways)]
            self._try(person, move.name, EVERY_FACT)

    @rule(pick=st.integers(0, 10_000), actor=st.sampled_from(PEOPLE))
    def somebody_does_what_is_offered(self, pick, actor):
        offered = [m for m in available(self.case, actor) if m.to not in ENDS]
        if offered:
            self._try(actor, offered[pick % len(offered)].name, EVERY_FACT)

    @rule(hours=st.sampled_from([0.2, 1, 7, 26, 24 * 9]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def the_sweep_runs(self):
        for clock in self._clocks():
            for warning in warnings_due(clock, self.told, self.now):
                keys = {warning.key, *warning.covers}
                assert not keys & self.told, "told twice"
                self.told |= keys
        self._escalate(Signals(tuple((k[0], k[2]) for k in self.told)))

    def _escalate(self, signals: Signals) -> None:
        for push in escalations(self.case, signals, fired(self.events)):
            rungs = self.case.level.rank
            facts = {"reason": push.key, "trigger": push.key, "person": "staff:boss", "level": push.to_level}
            if self._try(SYSTEM, push.move.value, facts) is None:
                assert set(push.key.split(",")) <= fired(self.events)
                assert self.case.level.rank - rungs <= 1
        again = escalations(self.case, signals, fired(self.events))
        assert not {e.push for e in again} & {Push(k) for k in fired(self.events)}

    def _clocks(self):
        limits = limits_for(self.case.kind, self.case.urgency)
        return clocks(self.events, limits, CALENDAR, self.now)

    @invariant()
    def there_is_always_an_owner_or_an_end(self):
        assert self.case.owner or self.case.state in ENDS

    @invariant()
    def history_alone_rebuilds_the_present(self):
        stored = [replace(e, data=json.loads(json.dumps(dict(e.data)))) for e in self.events]
        assert replay(stored) == self.case

    @invariant()
    def no_clock_is_negative_and_none_runs_after_the_end(self):
        for clock in self._clocks():
            assert clock.due_at >= clock.started_at
            assert clock.stopped_at is None or clock.stopped_at >= clock.started_at
            assert all(end is None or end >= begin for begin, end in clock.pauses)
            assert [at for _, at in clock.warn_at] == sorted(at for _, at in clock.warn_at)
            assert [w for w, _ in clock.warn_at] == sorted((w for w, _ in clock.warn_at), key=lambda w: w.rank)
            assert not (self.case.ended and clock.running), clock.name

    @invariant()
    def the_subject_has_no_move(self):
        for person in PEOPLE:
            if person.id in self.case.subjects or (person.unit and person.unit in self.case.subjects):
                assert available(self.case, person) == []
        assert not {self.case.assignee, self.case.unit} & set(self.case.subjects)

    @invariant()
    def somebody_can_always_go_on(self):
        if not self.case.ended:
            assert any(m.to for p in PEOPLE if p.role is not Role.SYSTEM for m in available(self.case, p))

    @invariant()
    def nobody_passes_it_on_a_third_time_without_a_leader(self):
        passes = [e for e in self.events if e.name in ("return_", "transfer")]
        assert self.case.transfer_count <= 2 or any(e.role is Role.LEADER for e in passes)


TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
