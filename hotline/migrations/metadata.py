"""Every module that has tables, so that the migrations see them all."""

from hotline import (
    accounts,
    addresses,
    agents,
    alarms,
    attachments,
    audit,
    contacts,
    cursors,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    revisions,
    roster,
    slips,
    sms_parts,
    ussd,
)
from hotline.channels import webchat
from hotline.db import Base

METADATA = Base.metadata
MODULES = (
    accounts,
    addresses,
    agents,
    alarms,
    attachments,
    audit,
    contacts,
    cursors,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    revisions,
    roster,
    slips,
    sms_parts,
    ussd,
    webchat,
)
