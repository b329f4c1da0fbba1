"""Who sees who complained."""

import pytest

from backend.domain.lifecycle import SYSTEM, Actor
from backend.domain.refusals import ConflictOfInterest, NotYourArea, ReasonRequired
from backend.domain.visibility import (
    IdentityField,
    IdentityHidden,
    Sight,
    check_reveal,
    in_conflict,
    mask,
    may_reveal,
    sight_of,
)
from backend.domain.words import Kind, Role
from tests.domain.builders import (
    AUDITOR,
    DEPARTMENT,
    DISPATCHER,
    FAR_DISPATCHER,
    LEADER,
    NEIGHBOUR,
    OPERATOR,
    RESIDENT,
    RESPONSIBLE,
    SECURITY,
    SYSADMIN,
    VERIFIER,
    WORKER,
    WORKER_B,
    accepted,
    closed,
)

F = IdentityField
AT_FIRST = [
    (RESIDENT, Sight.PLAIN),
    (NEIGHBOUR, Sight.HIDDEN),
    (WORKER, Sight.HIDDEN),
    (RESPONSIBLE, Sight.HIDDEN),
    (DEPARTMENT, Sight.HIDDEN),
    (OPERATOR, Sight.MASKED),
    (DISPATCHER, Sight.MASKED),
    (VERIFIER, Sight.MASKED),
    (LEADER, Sight.MASKED),
    (AUDITOR, Sight.MASKED),
    (SYSADMIN, Sight.HIDDEN),
    (SECURITY, Sight.HIDDEN),
    (SYSTEM, Sight.HIDDEN),
    (FAR_DISPATCHER, Sight.HIDDEN),
]


@pytest.mark.parametrize(("actor", "sight"), AT_FIRST, ids=lambda v: getattr(v, "id", v))
def test_what_each_role_sees_at_first(actor, sight):
    assert sight_of(accepted().case, actor, RESIDENT.id) is sight


MAY_REVEAL = [
    (OPERATOR, set(F)),
    (DISPATCHER, set(F)),
    (VERIFIER, set(F)),
    (LEADER, {F.NAME, F.PHONE}),
    (WORKER, {F.PHONE}),
    *((a, set()) for a in (WORKER_B, RESPONSIBLE, DEPARTMENT, AUDITOR, SYSADMIN, SECURITY, SYSTEM)),
    *((a, set()) for a in (FAR_DISPATCHER, NEIGHBOUR)),
]


@pytest.mark.parametrize(("actor", "fields"), MAY_REVEAL, ids=lambda v: getattr(v, "id", None))
def test_what_each_role_may_ask_to_see(actor, fields):
    assert {f for f in F if may_reveal(accepted().case, actor, f)} == fields


@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.REPORT])
def test_whoever_works_on_an_accusation_never_learns_who_made_it(kind):
    with pytest.raises(IdentityHidden):
        check_reveal(accepted(kind=kind).case, WORKER, F.PHONE, "要联系")


def test_relabelling_an_accusation_does_not_open_it():
    case = accepted(kind=Kind.COMPLAINT).do(OPERATOR, "correct", kind=Kind.REPAIR, reason="改").case
    assert not may_reveal(case, WORKER, F.PHONE)


def test_a_worker_loses_the_phone_when_the_case_is_closed():
    assert not may_reveal(closed().case, WORKER, F.PHONE)


def test_revealing_needs_a_reason():
    with pytest.raises(ReasonRequired):
        check_reveal(accepted().case, OPERATOR, F.PHONE, " ")
    check_reveal(accepted().case, OPERATOR, F.PHONE, "回访")


def test_an_anonymous_report_is_hidden_from_all_but_its_author():
    case = accepted().case
    assert sight_of(case, OPERATOR, RESIDENT.id, anonymous=True) is Sight.HIDDEN
    assert sight_of(case, RESIDENT, RESIDENT.id, anonymous=True) is Sight.PLAIN
    with pytest.raises(IdentityHidden):
        check_reveal(case, OPERATOR, F.PHONE, "x", anonymous=True)


def test_for_the_one_complained_about_the_case_does_not_exist():
    case = accepted(kind=Kind.COMPLAINT, subjects=["property-co"]).case
    manager = Actor("staff:m", Role.OPERATOR, ("D",), "property-co")
    assert in_conflict(case, manager)
    assert sight_of(case, manager, RESIDENT.id) is Sight.HIDDEN
    with pytest.raises(ConflictOfInterest):
        check_reveal(case, manager, F.NAME, "x")


def test_outside_ones_area_nothing_is_revealed():
    with pytest.raises(NotYourArea):
        check_reveal(accepted().case, FAR_DISPATCHER, F.NAME, "x")


@pytest.mark.parametrize(
    ("field", "plain", "masked"),
    [
        (F.PHONE, "13812341234", "138****1234"),
        (F.PHONE, "138 1234 1234", "138****1234"),
        (F.PHONE, "+8613812341234", "+86138****1234"),
        (F.PHONE, "02161234567", "021****4567"),
        (F.PHONE, "12345", "***45"),
        (F.PHONE, "110", "***"),
        (F.NAME, "王小明", "王**"),
        (F.NAME, "李四", "李*"),
        (F.NAME, "王", "王*"),
        (F.ID_CARD, "31010119900307002X", "310***********002X"),
        (F.ID_CARD, "12345", "*****"),
        (F.ADDRESS, "和平路12号3单元401", "和平路***"),
        (F.ADDRESS, "幸福里三号楼", "幸福里***"),
        (F.ADDRESS, "菜场后面", "菜场***"),
        (F.CHANNEL, "wx_openid_1", "***"),
        (F.NAME, "", ""),
        (F.NAME, "  ", ""),
    ],
)
def test_what_a_mask_leaves_over(field, plain, masked):
    assert mask(field, plain) == masked
