"""What the public sends becomes a report and an answer."""

from hotline.intake import flow_revisions, recruiters, sms_parts, ussd
from hotline.intake.live_report import Desk
from hotline.intake.receive import Intake
from hotline.intake.recruiters import RecruiterIn
from hotline.intake.sms_parts import NewPart

__all__ = [
    "Desk", "Intake", "NewPart", "RecruiterIn", "flow_revisions", "recruiters", "sms_parts", "ussd",
]  # fmt: skip
