"""The tables of all rooms, gathered for the migrations: each module that has some is imported here."""

import hotline.casework.phone.misses
import hotline.casework.slips
import hotline.channels.webchat
import hotline.core.audit
import hotline.escalation.policy
import hotline.intake.flow_revisions
import hotline.intake.recruiters
import hotline.intake.sms_parts
import hotline.intake.ussd
import hotline.messaging.address_health
import hotline.messaging.contacts
import hotline.messaging.inbox
import hotline.messaging.outbox
import hotline.messaging.pages
import hotline.monitoring.alarms
import hotline.monitoring.heartbeats
import hotline.reports.attachments.tables
import hotline.reports.tables
import hotline.staff.accounts
import hotline.staff.tables  # noqa: F401  # for their tables
from hotline.core.db import Base

METADATA = Base.metadata
