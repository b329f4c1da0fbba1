"""Which move of a case or application tells whom what. Read a row as: when *this move* happens, tell *these people*.

The sentences are `notices.<audience>.<milestone>` in the texts; the rows here say only who hears of it, how urgently,
and which buttons come along (their labels are `notices.button.<name>`; ids come back as `<prefix>:<name>:<number>`).
"""

from dataclasses import dataclass
from typing import Literal

from backend.notices.outbox import NORMAL, URGENT

Audience = Literal["resident", "worker", "former_worker", "chiefs", "leader"]


@dataclass(frozen=True, slots=True)
class Tell:
    """One thing to tell one kind of people. `worker` is who holds the case after the move; `leader` whom it names."""

    to: Audience
    milestone: str
    lane: int = NORMAL
    buttons: tuple[str, ...] = ()
    page: bool = False  # add the link to their page


CASE_TELLS: dict[str, tuple[Tell, ...]] = {
    "file": (),  # the counter reads the number out itself, in the same breath
    "dispatch": (
        Tell("resident", "dispatched"),
        Tell("worker", "task_new", URGENT, ("accept", "cannot"), page=True),
    ),
    "reassign": (
        Tell("resident", "dispatched"),
        Tell("worker", "task_new", URGENT, ("accept", "cannot"), page=True),
        Tell("former_worker", "task_gone"),
    ),
    "accept": (Tell("resident", "accepted"),),
    "claim": (Tell("resident", "accepted"),),
    "on_the_way": (Tell("resident", "on_the_way"),),
    "reply": (Tell("resident", "reply"),),
    "wait_for_resident": (Tell("resident", "waiting"),),
    "return_": (Tell("chiefs", "returned", URGENT),),
    "transfer": (Tell("resident", "transferred"), Tell("worker", "task_new", URGENT, ("accept", "cannot"), page=True)),
    "transfer_out": (Tell("resident", "transferred_out"),),
    "hand_over": (Tell("resident", "handed_over"), Tell("chiefs", "handed_over", URGENT)),
    "supplement": (Tell("worker", "supplemented"),),
    "add_evidence": (),
    "urge": (Tell("worker", "urged", URGENT),),
    "inform": (Tell("leader", "informed"),),
    "supervise": (Tell("worker", "supervised", URGENT),),
    "instruct": (Tell("worker", "instructed", URGENT),),
    "done": (Tell("resident", "done", buttons=("confirm", "redo")),),
    "answer": (Tell("resident", "answered", buttons=("confirm", "redo")),),
    "settle": (),
    "verify": (),
    "fail_verification": (Tell("resident", "redo"), Tell("worker", "redo", URGENT, ("done",), page=True)),
    "close": (Tell("resident", "closed", buttons=("rate5", "rate3", "rate1")),),
    "reopen": (Tell("resident", "reopened"), Tell("worker", "redo", URGENT, ("done",), page=True)),
    "decline_reopen": (Tell("resident", "reopen_declined"),),
    "approve_extension": (Tell("resident", "extended"), Tell("worker", "extension_approved")),
    "refuse_extension": (Tell("worker", "extension_refused"),),
    "request_extension": (Tell("chiefs", "extension_asked"),),
    "request_pending": (Tell("chiefs", "pending_asked"),),
    "approve_pending": (Tell("resident", "suspended"), Tell("worker", "pending_approved")),
    "refuse_pending": (Tell("worker", "pending_refused"),),
    "request_reopen": (Tell("chiefs", "reopen_asked"),),
    "reject": (Tell("resident", "rejected"),),
    "void": (Tell("resident", "void"), Tell("former_worker", "task_gone")),
    "withdraw": (Tell("former_worker", "task_withdrawn"),),
    "unmerge": (Tell("chiefs", "returned", URGENT),),
    "merge": (Tell("resident", "merged"), Tell("former_worker", "task_gone")),
}
