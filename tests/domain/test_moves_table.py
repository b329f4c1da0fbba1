"""The table of moves, walked in full: every state, every move, every role."""

import itertools
import json
from dataclasses import replace

import pytest

from backend.domain import lifecycle
from backend.domain.history import EFFECTS
from backend.domain.lifecycle import MOVES, apply, available, diagram
from backend.domain.moves import Bar
from backend.domain.needs import ASKED_BY, NEEDS, STANDINGS
from backend.domain.refusals import CaseAlreadyClosed, MoveNotPossibleNow, MoveRefused, NotYourMove
from backend.domain.vocabularies import STATE_NAMES, STATE_STEPS, STEPS, Vocabulary, step_of, step_of_move
from backend.domain.words import ENDS, LIVE, CaseState, Role
from tests.domain.builders import AUDITOR, EVERY_FACT, NOW, ONE_OF_EACH, SECURITY, SYSADMIN, in_state

WALK = list(itertools.product(CaseState, ONE_OF_EACH))


def outcome(case, actor, name):
    """The events of a move, or the code of its refusal, when every fact is given."""
    try:
        return apply(case, actor, name, EVERY_FACT, NOW)
    except MoveRefused as refused:
        return refused.code


@pytest.mark.parametrize(("state", "actor"), WALK, ids=lambda v: getattr(v, "role", v))
def test_a_move_is_offered_exactly_when_it_goes_through(state, actor):
    case = in_state(state)
    offered = {move.name for move in available(case, actor)}
    for name in (n for n, move in MOVES.items() if move.from_states):
        result = outcome(case, actor, name)
        if isinstance(result, str):
            assert name not in offered, result
            assert result not in ("error", "move_refused")
            continue
        assert name in offered or (name == "accept" and not result)
        assert all(e.from_state == state and e.to_state in (None, MOVES[name].to) for e in result)
        json.dumps([dict(e.data) for e in result])


@pytest.mark.parametrize(("state", "actor"), WALK, ids=lambda v: getattr(v, "role", v))
def test_a_state_outside_the_row_or_a_role_outside_the_row_is_never_let_through(state, actor):
    case = in_state(state)
    for move in available(case, actor):
        assert state in move.from_states
        assert actor.role in set().union(*(who.roles for who in move.who))


@pytest.mark.parametrize("admin", [SYSADMIN, SECURITY, AUDITOR], ids=lambda a: a.role)
def test_those_who_run_the_house_never_touch_a_case(admin):
    for state in CaseState:
        case = in_state(state)
        assert available(case, admin) == []
        for name, move in MOVES.items():
            if move.from_states:
                with pytest.raises(NotYourMove):
                    apply(case, admin, name, EVERY_FACT, NOW)


def test_the_wrong_state_says_closed_or_not_now():
    leader = next(a for a in ONE_OF_EACH if a.role is Role.LEADER)
    with pytest.raises(CaseAlreadyClosed):
        apply(in_state(CaseState.CLOSED), leader, "void", EVERY_FACT, NOW)
    with pytest.raises(MoveNotPossibleNow):
        apply(in_state(CaseState.DONE), leader, "void", EVERY_FACT, NOW)


def test_the_table_is_complete_in_itself():
    for move in MOVES.values():
        assert move.zh
        assert set(move.needs) <= set(NEEDS)
        assert set(move.only_if) <= set(STANDINGS)
        assert Bar.ASKER not in move.bars or move.name in ASKED_BY
        assert move.from_states or move.name == "file"
    assert set(EFFECTS) <= set(MOVES)


def test_every_live_state_has_a_way_to_an_end():
    leads = {s: {m.to for m in MOVES.values() if m.to and s in m.from_states} for s in CaseState}
    for start in LIVE:
        reached, fresh = {start}, {start}
        while fresh:
            fresh = set().union(*(leads[s] for s in fresh)) - reached
            reached |= fresh
        assert CaseState.CLOSED in reached


def test_only_closed_and_merged_come_back():
    back = {s for m in MOVES.values() if m.to in LIVE for s in m.from_states} & ENDS
    assert back == {CaseState.CLOSED, CaseState.MERGED}


def test_the_diagram_draws_every_state_and_every_changing_move():
    text = diagram()
    assert text.startswith("stateDiagram-v2\n")
    for state in CaseState:
        assert f" {state}" in text
    for move in MOVES.values():
        if move.to is not None and move.from_states - {move.to}:
            assert move.name.rstrip("_") in text


def test_every_state_has_a_word_in_each_vocabulary():
    for state in CaseState:
        assert STATE_NAMES[state]
        for vocabulary in Vocabulary:
            assert step_of(state, vocabulary) in STEPS[vocabulary]
            assert set(STATE_STEPS) == set(CaseState)
    for move in MOVES.values():
        for vocabulary in Vocabulary:
            assert step_of_move(move.name, move.to or CaseState.ACCEPTED, vocabulary) in STEPS[vocabulary]


def test_every_step_of_each_vocabulary_is_used():
    for vocabulary, steps in STEPS.items():
        words = {step_of(s, vocabulary) for s in CaseState}
        words |= {step_of_move(m.name, m.to or CaseState.ACCEPTED, vocabulary) for m in MOVES.values()}
        assert words == set(steps)


def test_the_gate_exports_what_callers_use():
    assert all(hasattr(lifecycle, name) for name in lifecycle.__all__)


def test_a_view_is_never_changed_in_place():
    case = in_state(CaseState.RECEIVED)
    before = replace(case)
    apply(case, next(a for a in ONE_OF_EACH if a.role is Role.DISPATCHER), "dispatch", EVERY_FACT, NOW)
    assert case == before
