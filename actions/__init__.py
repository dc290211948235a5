"""Custom actions: slots in, one call to `office`, utterances and events out."""

from actions.court import ActionAskCaseConsent, ActionAskCaseNumber, ActionCase, ValidateCaseForm
from actions.handover import (
    ActionAskHandoverConsent,
    ActionAskHandoverQuestion,
    ActionCancel,
    ActionHandover,
    ActionHuman,
    ValidateHandoverForm,
)
from actions.mentor import (
    ActionApply,
    ActionAskMentorConsent,
    ActionAskName,
    ActionAskParent,
    ActionAskSchool,
    ActionAskVillage,
    ActionAskYear,
    ActionJoin,
    ValidateMentorForm,
)
from actions.misunderstanding import ActionMisunderstood, ActionOutOfScope
from actions.referral import ActionCapabilities, ActionNotYet
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
    "ActionApply",
    "ActionAskAgency",
    "ActionAskCaseConsent",
    "ActionAskCaseNumber",
    "ActionAskHandoverConsent",
    "ActionAskHandoverQuestion",
    "ActionAskMentorConsent",
    "ActionAskName",
    "ActionAskParent",
    "ActionAskSchool",
    "ActionAskService",
    "ActionAskVillage",
    "ActionAskYear",
    "ActionCancel",
    "ActionCapabilities",
    "ActionCase",
    "ActionDeny",
    "ActionGreet",
    "ActionHandover",
    "ActionHuman",
    "ActionJoin",
    "ActionMisunderstood",
    "ActionMyTasks",
    "ActionNotYet",
    "ActionOutOfScope",
    "ActionSetLanguage",
    "ValidateCaseForm",
    "ValidateHandoverForm",
    "ValidateMentorForm",
    "ValidateRequestForm",
]
