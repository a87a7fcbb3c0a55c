"""Every module that has tables, so that the migrations see them all."""

from hotline import (
    accounts,
    addresses,
    alarms,
    audit,
    contacts,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    roster,
    slips,
)
from hotline.channels import webchat
from hotline.db import Base

METADATA = Base.metadata
MODULES = (
    accounts,
    addresses,
    alarms,
    audit,
    contacts,
    duty_phone,
    health,
    outbox,
    paging,
    policy,
    reports,
    roster,
    slips,
    webchat,
)
