"""What adverse action notices say of each reason code, in the wording of Regulation B's sample forms."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from predictions.formats.applicants import reason_text
from predictions.scoring.reasons import Reason

# Appendix C to 12 CFR Part 1002, form C-1, where it has the reason. The codes never change their meaning.
STATEMENTS = {
    "INCOME": _("Income insufficient for the amount of credit requested"),
    "HOME": _("Housing status"),
    "EMPLOYMENT": _("Length of employment"),
    "EMPLOYMENT_UNKNOWN": _("Length of employment not stated"),
    "PURPOSE": _("Purpose of the loan"),
    "GRADE": _("Loan grade"),
    "LOAN_TO_INCOME": _("Amount of credit requested too high in relation to income"),
    "RATE": _("Interest rate of the loan requested"),
    "RATE_UNKNOWN": _("Interest rate not stated"),
    "DEFAULT_ON_FILE": _("Default in the credit history"),
    "CREDIT_HISTORY": _("Limited credit experience"),
}


@dataclass(frozen=True)
class Statement:
    """A reason as a notice states it, and the fact behind it."""

    code: str
    text: str
    fact: str


def statement(reason: Reason) -> Statement:
    return Statement(reason.code, str(STATEMENTS[reason.code]), reason_text(reason))
