"""What an application looks like to the rules, what a step must bring, and how a step is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.domain import refusals as no
from backend.domain.application_moves import Given, Paper
from backend.domain.words import ApplicationState, Level

Facts = Mapping[str, Any]
CHECKS = ("code", "last_four", "id_card", "proxy")  # ways of making sure it is the right person
ENDED = (ApplicationState.CLOSED, ApplicationState.WITHDRAWN)


class PaperMissing(no.FactMissing):
    """This step needs something more."""

    code = "paper_missing"


class ApplicationAlreadyClosed(no.MoveRefused):
    """The application has already ended."""

    code, status = "application_already_closed", 409


class MaterialsMissing(no.MoveRefused):
    """Papers are still missing."""

    code, status = "materials_missing", 409


class NotDeliverable(no.MoveRefused):
    """This item must be fetched in person."""

    code, status = "not_deliverable", 409


class NoCourier(no.MoveRefused):
    """Nobody was asked to bring it yet."""

    code, status = "no_courier", 409


class SomethingToFetch(no.MoveRefused):
    """There is a paper to fetch, so it cannot close yet."""

    code, status = "something_to_fetch", 409


class OutsideDistrict(no.MoveRefused):
    """The address lies outside our district."""

    code, status = "outside_district", 422


class NoIdentityCheck(no.FactMissing):
    """Nothing is handed over without checking who takes it."""

    code = "no_identity_check"


class NoConsent(no.MoveRefused):
    """The applicant has not agreed to this person acting for them."""

    code, status = "no_consent", 403


class OwnApplication(no.MoveRefused):
    """Nobody decides on their own application."""

    code, status = "own_application", 403


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as the rules see it."""

    id: str
    item: str
    applicant: str
    state: ApplicationState = ApplicationState.RECEIVED
    area_path: tuple[str, ...] = ()
    unit: str | None = None
    level: Level = Level.COMMUNITY
    proxy: str | None = None
    proxy_consented: bool = False
    missing: tuple[str, ...] = ()
    may_deliver: bool = False
    deliverable: str | None = None
    slot: str | None = None
    courier: str | None = None
    failed_visits: int = 0

    @property
    def ended(self) -> bool:
        """Whether it has come to an end."""
        return self.state in ENDED


GIVENS: dict[Given, tuple[Callable[[ApplicationView], bool], type[no.MoveRefused]]] = {
    Given.NOTHING_MISSING: (lambda app: not app.missing, MaterialsMissing),
    Given.MAY_BE_DELIVERED: (lambda app: app.may_deliver, NotDeliverable),
    Given.HAS_COURIER: (lambda app: app.courier is not None, NoCourier),
    Given.NOTHING_TO_FETCH: (lambda app: app.deliverable is None, SomethingToFetch),
}


def _there(name: str, refusal: type[no.MoveRefused] = PaperMissing) -> Callable[[ApplicationView, Facts], None]:
    def check(_app: ApplicationView, facts: Facts) -> None:
        value = facts.get(name)
        if not (value.strip() if isinstance(value, str) else value):
            raise refusal(need=name)

    return check


def _checked(app: ApplicationView, facts: Facts) -> None:
    """One of the known ways; `proxy` only with the applicant's consent."""
    if facts.get("check") not in CHECKS:
        raise NoIdentityCheck(known=CHECKS)
    if (facts["check"] == "proxy" or facts.get("by_proxy")) and not app.proxy_consented:
        raise NoConsent


def _in_area(app: ApplicationView, facts: Facts) -> None:
    """`address_area` is the code path's first area (the district) of the delivery address."""
    if app.area_path and facts.get("address_area") not in app.area_path:
        raise OutsideDistrict


PAPERS: dict[Paper, Callable[[ApplicationView, Facts], None]] = {
    Paper.REASON: _there("reason", no.ReasonRequired),
    Paper.MISSING: _there("missing"),
    Paper.APPEAL: _there("appeal", no.WhereToGoRequired),
    Paper.LEVEL: _there("level"),
    Paper.DELIVERABLE: _there("deliverable"),
    Paper.SLOT: _there("slot"),
    Paper.IN_AREA: _in_area,
    Paper.COURIER: _there("courier", no.AssigneeRequired),
    Paper.CHECK: _checked,
    Paper.PROXY: _there("proxy", no.ReporterRequired),
    Paper.SIGNATURE: _there("signature"),
    Paper.PHOTO: _there("photo", no.PhotoRequired),
}
