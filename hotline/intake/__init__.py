"""The way in: from what the public sends to a report and an answer."""

from hotline.intake import flow_revisions, recruiters, sms_parts, ussd
from hotline.intake.exchange import Services
from hotline.intake.receive import Intake
from hotline.intake.recruiters import RecruiterIn
from hotline.intake.sms_parts import NewPart

__all__ = [
    "Intake", "NewPart", "RecruiterIn", "Services", "flow_revisions", "recruiters", "sms_parts", "ussd",
]  # fmt: skip
