"""Every module that has tables, so that the migrations see them all."""

from hotline import accounts, audit, contacts, health, outbox, paging, policy, reports, roster
from hotline.channels import webchat
from hotline.db import Base

METADATA = Base.metadata
MODULES = (accounts, audit, contacts, health, outbox, paging, policy, reports, roster, webchat)
