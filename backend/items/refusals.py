"""Every way the item desk says no beside the rules' own refusals; the sentences are `items.refusal.<code>`."""

from nlu.errors import LinliError


class ItemUnknown(LinliError):
    """There is no such service item."""

    code, status = "item_unknown", 404


class ItemCancelled(LinliError):
    """This proof was abolished: nobody needs it any more."""

    code, status = "item_cancelled", 409


class ItemNotOffered(LinliError):
    """This item is not admitted here, so nobody can apply for it."""

    code, status = "item_not_offered", 409


class DeliveryAddressNeeded(LinliError):
    """Say where to bring it."""

    code, status = "delivery_address_needed", 422


class DeliveryAddressUnclear(LinliError):
    """The delivery address fits several places; choose one."""

    code, status = "delivery_address_unclear", 409


class SlotGone(LinliError):
    """This time can no longer be chosen; choose another."""

    code, status = "slot_gone", 409


class ProxyIncomplete(LinliError):
    """A proxy needs a name and a phone number, of which the last four digits are asked at the door."""

    code, status = "proxy_incomplete", 422


class ProxyIsApplicant(LinliError):
    """The proxy must be somebody else."""

    code, status = "proxy_is_applicant", 422


class DoorLocked(LinliError):
    """Too many wrong answers at the door: take it back and agree on a new visit."""

    code, status = "door_locked", 409


class CheckUnknown(LinliError):
    """At the door identity is checked by code, by the last four digits or by a proxy's last four digits."""

    code, status = "check_unknown", 422


class AppointmentGone(LinliError):
    """There is no such appointment of yours, or it is over."""

    code, status = "appointment_gone", 404


class RevisionNotOpen(LinliError):
    """This proposal was decided already."""

    code, status = "revision_not_open", 409


class ReviewersMissing(LinliError):
    """Joint review: not every unit that was asked has agreed yet."""

    code, status = "reviewers_missing", 409


class NotAReviewer(LinliError):
    """Your unit was not asked to review this proposal."""

    code, status = "not_a_reviewer", 403


class CancelNeedsReason(LinliError):
    """An item is cancelled with a reason, because people will be told it."""

    code, status = "cancel_needs_reason", 422
