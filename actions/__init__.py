"""Custom actions: slots in, one call to `office`, utterances and events out."""

from actions.court import ActionAskCaseConsent, ActionAskCaseNumber, ActionCase, ValidateCaseForm
from actions.misunderstanding import ActionMisunderstood, ActionOutOfScope
from actions.referral import ActionCapabilities, ActionHuman, ActionNotYet
from actions.request import (
    ActionAnswer,
    ActionAskAgency,
    ActionAskService,
    ActionDeny,
    ValidateRequestForm,
)
from actions.speech import ActionGreet, ActionSetLanguage
from actions.staff import ActionAffirm, ActionMyTasks

__all__ = [
    "ActionAffirm",
    "ActionAnswer",
    "ActionAskAgency",
    "ActionAskCaseConsent",
    "ActionAskCaseNumber",
    "ActionAskService",
    "ActionCapabilities",
    "ActionCase",
    "ActionDeny",
    "ActionGreet",
    "ActionHuman",
    "ActionMisunderstood",
    "ActionMyTasks",
    "ActionNotYet",
    "ActionOutOfScope",
    "ActionSetLanguage",
    "ValidateCaseForm",
    "ValidateRequestForm",
]
