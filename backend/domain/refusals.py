"""Every way a move can be refused, each with its own code and HTTP status.

The sentence for people is looked up by `code`; `facts` fill it. 404 where even the existence must not be
told.
"""

from nlu.errors import LinliError


class MoveRefused(LinliError):
    """This step is not possible."""

    code, status = "move_refused", 409


class UnknownMove(MoveRefused):
    """There is no step of this name."""

    code, status = "unknown_move", 422


class NotYourMove(MoveRefused):
    """Your role does not take this step."""

    code, status = "not_your_move", 403


class NotYourArea(MoveRefused):
    """The case lies outside your area."""

    code, status = "not_your_area", 404


class NotYourCase(MoveRefused):
    """The case belongs to somebody else."""

    code, status = "not_your_case", 403


class NotYourRung(MoveRefused):
    """A higher level holds the case now."""

    code, status = "not_your_rung", 403


class ConflictOfInterest(MoveRefused):
    """The case is about this person or unit, so they may not handle it."""

    code, status = "conflict_of_interest", 403


class CaseAlreadyClosed(MoveRefused):
    """The case has already ended."""

    code, status = "case_already_closed", 409


class MoveNotPossibleNow(MoveRefused):
    """This step does not follow from where the case stands now."""

    code, status = "move_not_possible_now", 409


class DoerMayNotVerify(MoveRefused):
    """Whoever did the work may not confirm it."""

    code, status = "doer_may_not_verify", 403


class AskerMayNotApprove(MoveRefused):
    """Whoever asked may not approve."""

    code, status = "asker_may_not_approve", 403


class NothingAsked(MoveRefused):
    """Nobody has asked for this, so there is nothing to decide."""

    code, status = "nothing_asked", 409


class AlreadyAsked(MoveRefused):
    """The same request is already waiting for a decision."""

    code, status = "already_asked", 409


class AlreadyRated(MoveRefused):
    """Feedback was already given."""

    code, status = "already_rated", 409


class AlreadyReporter(MoveRefused):
    """This person already follows the case."""

    code, status = "already_reporter", 409


class NotAPatrolCase(MoveRefused):
    """Only what a worker found on patrol can be settled in one step."""

    code, status = "not_a_patrol_case", 409


class NotAQuestion(MoveRefused):
    """Only questions, suggestions and praise can be answered on the spot."""

    code, status = "not_a_question", 409


class PartsStillOpen(MoveRefused):
    """A joint case ends only when every unit has closed its part."""

    code, status = "parts_still_open", 409


class NotInTheJointCase(MoveRefused):
    """Your unit has no open part in this joint case."""

    code, status = "not_in_the_joint_case", 409


class TransferLoop(MoveRefused):
    """Passed on twice without an owner: the third time it must go up, not on."""

    code, status = "transfer_loop", 409


class NotTheNextRung(MoveRefused):
    """Assign only to a direct child and report only to the direct parent."""

    code, status = "not_the_next_rung", 409


class TopOfLadder(MoveRefused):
    """There is no level above this one."""

    code, status = "top_of_ladder", 409


class FactMissing(MoveRefused):
    """Something this step needs was not given."""

    code, status = "fact_missing", 422


class ReasonRequired(FactMissing):
    """Please give a reason."""

    code = "reason_required"


class AssigneeRequired(FactMissing):
    """Say who gets it."""

    code = "assignee_required"


class AreaRequired(FactMissing):
    """At least the district must be known, or nobody could be in charge."""

    code = "area_required"


class UnitRequired(FactMissing):
    """Say which unit."""

    code = "unit_required"


class PhotoRequired(FactMissing):
    """A photo is needed."""

    code = "photo_required"


class ResultRequired(FactMissing):
    """Say what was done."""

    code = "result_required"


class WhereToGoRequired(FactMissing):
    """Say where the resident can go instead."""

    code = "where_to_go_required"


class TargetCaseRequired(FactMissing):
    """Name another open case."""

    code = "target_case_required"


class AmountRequired(FactMissing):
    """Say how much more time, greater than zero, and in which unit."""

    code = "amount_required"


class TextRequired(FactMissing):
    """Write something."""

    code = "text_required"


class QueueRequired(FactMissing):
    """Name the queue."""

    code = "queue_required"


class ReporterRequired(FactMissing):
    """Name the person."""

    code = "reporter_required"


class ScoreRequired(FactMissing):
    """A score from 1 to 5."""

    code = "score_required"


class ChangeRequired(FactMissing):
    """Nothing would change."""

    code = "change_required"


class EvidenceMissing(FactMissing):
    """The category demands evidence that is not there yet."""

    code, status = "evidence_missing", 409


class CategoryNotReal(FactMissing):
    """A case cannot close as "other": give it a real category first."""

    code, status = "category_not_real", 409


class BadHistory(LinliError):
    """The stored history does not begin with a filing."""

    code, status = "bad_history", 500
