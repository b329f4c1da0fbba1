"""Which step of an application tells whom what. Read a row as: when *this step* is taken, tell *these people*.

The sentences are `items.<audience>.<milestone>` in the texts; button ids come back as `a:<name>:<number>` from the
applicant and `d:<name>:<number>` from the courier. Who takes a step is not told of it: the counter answers them.
"""

from dataclasses import dataclass
from typing import Literal

from backend.notices.outbox import NORMAL, URGENT

Audience = Literal["resident", "courier", "former_courier", "chiefs"]


@dataclass(frozen=True, slots=True)
class Tell:
    """One thing to tell one kind of people."""

    to: Audience
    milestone: str
    lane: int = NORMAL
    buttons: tuple[str, ...] = ()
    page: bool = True  # add the link to their page


APPLICATION_TELLS: dict[str, tuple[Tell, ...]] = {
    "file": (Tell("resident", "received"),),
    "ask_materials": (Tell("resident", "incomplete", buttons=("papers",)),),
    "bring_materials": (),  # the window sees it in its list
    "materials_complete": (Tell("resident", "complete"),),
    "start_review": (),
    "pass_up": (Tell("resident", "passed_up"),),
    "approve": (Tell("resident", "approved"),),
    "refuse": (Tell("resident", "refused"),),
    "make_ready": (Tell("resident", "ready", buttons=("collect", "deliver")),),
    "collect": (Tell("resident", "collected"),),
    "request_delivery": (Tell("resident", "delivering"),),
    "assign_courier": (
        Tell("courier", "delivery_new", URGENT, ("set_out", "failed")),
        Tell("former_courier", "delivery_gone", page=False),
    ),
    "set_out": (Tell("resident", "set_out", URGENT),),
    "hand_over_at_door": (Tell("resident", "handed_over"),),
    "visit_failed": (Tell("resident", "visit_failed", buttons=("deliver", "collect")),),
    "cancel_delivery": (
        Tell("resident", "delivery_cancelled"),
        Tell("former_courier", "delivery_gone", page=False),
    ),
    "appoint_proxy": (Tell("resident", "proxy_named"),),
    "close": (),
    "close_without_paper": (Tell("resident", "closed"),),
    "item_cancelled": (Tell("resident", "item_cancelled"),),
    "withdraw": (Tell("resident", "withdrawn"),),
    "note": (),
}

NO_COURIER = Tell("chiefs", "no_courier", URGENT, page=False)
