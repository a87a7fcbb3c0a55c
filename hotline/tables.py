"""Every module that has tables, so that the migrations see them all."""

from hotline import (
    accounts,
    addresses,
    agents,
    alarms,
    audit,
    contacts,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    revisions,
    roster,
    slips,
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
    audit,
    contacts,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    revisions,
    roster,
    slips,
    ussd,
    webchat,
)
