"""Commands about reports: accept, pass, read, who, list, note, ask, done. A report is named by the number of a page."""

import sqlalchemy as sa

from hotline import staff
from hotline.casework import actions, texts
from hotline.casework.phone.commands import Command
from hotline.casework.phone.exchange import OfficerExchange
from hotline.casework.phone.misses import UnknownToken
from hotline.casework.results import Fault
from hotline.core import audit
from hotline.messaging import Page, PageState, officer_text, pages
from hotline.reports import Outcome, Report, Status
from hotline.staff import Officer, Pin

SHOWN = 50  # reports looked at for a list, of which one part names some ten
EXAMPLE = "4821"
FAULTS = {
    Fault.LONG: texts.ASK_SHORTER,
    Fault.REVEALING: texts.ASK_HARMLESS,
    Fault.NO_WAY_BACK: texts.ASK_NOBODY,
}


def accept(line: OfficerExchange, command: Command) -> str | None:
    """Take a report, or say who has it."""
    found = _found(line, command)
    if found is None:
        return None
    page, report = found
    result = actions.accept(line.who, report, generation=page.generation)
    if not result.done:
        return _where(line, page, report)
    if result.preferred is not None:
        return line.name(texts.TOGETHER, result.preferred, token=page.token)
    return texts.yours(page.token, line.url, line.officer.wish)


def pass_on(line: OfficerExchange, command: Command) -> str | None:
    """Pass a page on, or say that it is too late for that."""
    found = _found(line, command)
    if found is None:
        return None
    page, report = found
    if line.escalation.pass_on(line.tx, page, line.now, via=line.address[1]):
        return line.say(texts.PASSED, token=page.token)
    waiting = report.status == Status.OPEN
    return line.say(texts.MOVED_ON, token=page.token) if waiting else _where(line, page, report)


def read(line: OfficerExchange, command: Command) -> str | None:
    """Tell the facts of a report that is offered to this officer or theirs: enums and times, never content or contact."""
    found = _found(line, command)
    if found is None:
        return None
    page, report = found
    if page.generation != report.generation or report.status == Status.CLOSED:
        return _where(line, page, report)
    audit.record(line.tx, "facts_read", at=line.now, actor=line.officer.id, report_id=report.id, via=line.address[1])
    left = report.deadline - line.now if report.deadline is not None else None
    category = "" if report.integrity else report.category or ""
    return texts.facts(
        page.token, report.priority, (report.kind, category, report.channel), _place(line, report),
        (report.opened_at, left), line.officer.wish,
    )  # fmt: skip


def _place(line: OfficerExchange, report: Report) -> str:
    if report.integrity or report.district is None:  # a place may tell the official whom it is about
        return officer_text.circle_name(line.people.circles[report.circle], line.officer.wish)
    place = line.places.get(report.district)
    if place is not None and place.kind == "abroad":
        return place.called(line.officer.wish)
    return report.district.replace("-", " ").title()


def who(line: OfficerExchange, command: Command) -> str | None:
    """Tell who has a report; without a number, who is on duty in the officer's circle now."""
    if command.token is not None:
        found = _found(line, command)
        return _where(line, *found) if found is not None else None
    duty = [one for tier in line.tiers for one in line.holders(line.officer.circle, tier)]
    return texts.on_duty(list({one.officer_id: one.name for one in duty}.values()), line.officer.wish)


def list_reports(line: OfficerExchange, command: Command) -> str | None:
    """List the reports that wait for this officer, the most urgent first, then those that the officer has."""
    del command
    mine = sa.or_(Page.state == PageState.OPEN, Report.accepted_by == line.officer.id)
    rows = line.tx.execute(
        sa.select(Page.token, Report.priority, Report.accepted_by)
        .join(Report, Report.id == Page.report_id)
        .where(Page.officer_id == line.officer.id, Page.generation == Report.generation, mine)
        .where(Report.status != Status.CLOSED)
        .order_by(sa.case((Report.accepted_by == line.officer.id, 1), else_=0), Report.priority, Report.climbs_at)
        .limit(SHOWN)
    ).all()
    held = {True: texts.HELD, False: texts.NEW}
    lines = [(row.token, row.priority, held[row.accepted_by == line.officer.id]) for row in rows]
    return texts.reports(lines, line.officer.wish)


def note(line: OfficerExchange, command: Command) -> str | None:
    """Write a note on the officer's own report, sealed to its circle: the first one is the first action."""
    found = _found(line, command, own=True)
    if found is None:
        return line.say(texts.HOW_NOTE, token=EXAMPLE)
    page, report = found
    if not line.who.has(report):
        return _not_own(line, page, report)
    if not command.text:
        return line.say(texts.HOW_NOTE, token=page.token)
    actions.note(line.who, report, command.text)
    return line.say(texts.NOTED, token=page.token)


def ask(line: OfficerExchange, command: Command) -> str | None:
    """Put a question to whoever reported, sealed to the report's circle as a note is; it leaves when that is safe.

    It takes the PIN: a number can be forged, and this is a word to somebody who may be in danger.
    """
    found = _found(line, command, own=True)
    if found is None or not command.text or not command.pin:
        return line.say(texts.HOW_ASK, token=found[0].token if found else EXAMPLE)
    page, report = found
    fault = actions.ask_fault(line.who, report, command.text)
    if fault is Fault.OTHERS:
        return _not_own(line, page, report)
    if fault is not None:
        return line.say(FAULTS[fault], token=page.token)
    refused = _unproven(line, page, command, (texts.ASK_NO_PIN, texts.ASK_WRONG_PIN))
    if refused is not None:
        return refused
    actions.ask(line.who, report, command.text)
    return line.say(texts.ASKED, token=page.token)


def done(line: OfficerExchange, command: Command) -> str | None:
    """Close the officer's own report, with an outcome and the PIN, once a note says what was done."""
    found = _found(line, command) if command.token is not None else None
    if found is None:
        return line.say(texts.HOW_DONE, token=EXAMPLE)
    page, report = found
    if not line.who.has(report):
        return _not_own(line, page, report)
    missing = _missing(line, page, report, command)
    if missing is not None:
        return missing
    actions.close(line.who, report, Outcome(command.outcome or ""))
    outcome = officer_text.label(command.outcome or "", line.officer.wish)
    return line.say(texts.DONE, token=page.token, outcome=outcome)


def _missing(line: OfficerExchange, page: Page, report: Report, command: Command) -> str | None:
    """Say what is still needed to close. The PIN is checked last: one that came too early was not looked at."""
    if not staff.has_pin(line.tx, line.officer.id):
        return line.say(texts.NO_PIN, token=page.token)
    if command.outcome is None or not command.pin:
        return line.say(texts.HOW_DONE, token=page.token)
    if actions.close_fault(line.who, report) is Fault.NOTE:
        return line.say(texts.NOTE_FIRST, token=page.token)
    return _unproven(line, page, command, (texts.NO_PIN, texts.WRONG_PIN))


def _unproven(line: OfficerExchange, page: Page, command: Command, words: tuple[str, str]) -> str | None:
    """Answer an officer whose PIN proves nothing, else None; `words`: when there is none yet, and when it is wrong."""
    if not staff.has_pin(line.tx, line.officer.id):
        return line.say(words[0], token=page.token)
    check = staff.check_pin(line.tx, line.officer.id, command.pin, line.now)
    if check.until is not None:
        minutes = -(-int((check.until - line.now).total_seconds()) // 60)
        return line.say(texts.PIN_WAITS, minutes=minutes)
    return None if check.result is Pin.RIGHT else line.say(words[1], token=page.token)


def _found(line: OfficerExchange, command: Command, *, own: bool = False) -> tuple[Page, Report] | None:
    """Find a page and its report, locked: without a token the only open one, or (`own`) the only one the officer has.

    Return None if there are none or several. Raises UnknownToken.
    """
    own = own and command.token is None
    page = _held(line) if own else pages.open_page(line.tx, line.officer.id, command.token)
    if page is None:
        if command.token is not None:
            raise UnknownToken(command.token)
        return None
    return page, line.tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)


def _held(line: OfficerExchange) -> Page | None:
    mine = sa.select(Page).join(Report, Report.id == Page.report_id).where(Page.officer_id == line.officer.id)
    mine = mine.where(Page.generation == Report.generation, Report.accepted_by == line.officer.id)
    found = line.tx.scalars(mine.where(Report.status == Status.ACCEPTED).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _not_own(line: OfficerExchange, page: Page, report: Report) -> str:
    if page.generation == report.generation and report.status == Status.OPEN:
        return line.say(texts.ACCEPT_FIRST, token=page.token)
    return _where(line, page, report)


def _where(line: OfficerExchange, page: Page, report: Report) -> str:
    """Say who has the report now and nothing else of it, and not even that once it is another circle's."""
    if page.generation != report.generation:
        return line.say(texts.MOVED_ON, token=page.token)
    if report.status == Status.CLOSED:
        return line.say(texts.CLOSED, token=page.token)
    if report.accepted_by is None:
        return line.say(texts.NOBODY_YET, token=page.token)
    if report.accepted_by == line.officer.id:
        return line.say(texts.WITH_YOU, token=page.token)
    holder = line.tx.get_one(Officer, report.accepted_by).name
    return texts.taken(page.token, holder, line.officer.wish)
