"""The ladder: the tiers that a report is offered to, and each step that it makes by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit
from hotline.escalation import paging, policy
from hotline.escalation.paging import NO_PAGES, KnownPages, Offer
from hotline.escalation.policy import Policy, Waits
from hotline.messaging import Outbox, bring_forward
from hotline.reports import Report, Status
from hotline.staff import Directory, Duty, Preference

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers that a report climbs. `current`: the policy in force, by which new reports go."""

    outbox: Outbox
    current: Policy
    _policies: dict[str, Policy] = field(default_factory=dict)
    _ahead: Mapping[str, KnownPages] = field(
        default_factory=dict
    )  # by report; of others the pages are read when needed

    def knowing(self, pages: Mapping[str, KnownPages]) -> "Ladder":
        """Make a ladder that knows the pages of these reports, for one transaction that takes one step with each."""
        return replace(self, _ahead=pages)

    def policy_of(self, tx: Session, report: Report) -> Policy:
        """Find the policy the report began with, even if another is in force now."""
        if report.policy == self.current.id:
            return self.current
        if report.policy not in self._policies:
            self._policies[report.policy] = policy.registered(tx, report.policy)
        return self._policies[report.policy]

    def waits(self, tx: Session, report: Report) -> Waits:
        """Find the waits that hold for a report as it is now."""
        return self.policy_of(tx, report).waits(report.priority, report.kind, integrity=report.integrity)

    def offer(self, tx: Session, report: Report, start: int, now: datetime) -> None:
        """Page the first tier from `start` on that somebody holds, and arm the timer.

        1. Each tier that nobody holds is put on record and costs no time; who is paged beside it is paged all the same.
        2. Nobody on duty at all: everybody of the top tier is paged, on duty or not.
        3. The wait runs from the moment the page may ring. Until it is over, the tier is paged again as often as the
           policy says, and whoever comes on duty meanwhile is paged too (`_repeat`).
        """
        rules, waits = self.policy_of(tx, report), self.waits(tx, report)
        offers: list[Offer] = []
        for level in range(start, len(rules.tiers)):
            tier = rules.tiers[level]
            held = self._offers(tx, report, [tier], now)
            offers += held + self._offers(tx, report, waits.together.get(tier, ()), now)
            if held:
                break
            audit.record(tx, "tier_empty", at=now, actor="engine", report_id=report.id, tier=tier)
        else:
            level, last_resort = len(rules.tiers) - 1, self._last_resort(tx, report, rules)
            offers += last_resort
            audit.record(
                tx, "nobody_on_duty", at=now, actor="engine", report_id=report.id, paged_anyway=len(last_resort)
            )
        opens = waits.opens(now)
        report.level, report.timer, report.repeats_at = level, "accept", None
        report.climbs_at = opens + waits.accept[level]
        self._page(tx, report, offers, now)
        self._arm_next_look(tx, report, opens, now)

    def step(self, tx: Session, report: Report, now: datetime) -> None:
        """Move a report on whose `due_at` has passed: one step, however long ago that was, and its wait counts from now."""
        if report.timer != "accept":
            self._offer_takeover(tx, report, now)
        elif report.climbs_at is not None and now < report.climbs_at:
            self._repeat(tx, report, now)
        else:
            rules = self.policy_of(tx, report)
            audit.record(tx, "climbed", at=now, actor="clock", report_id=report.id, tier=rules.tiers[report.level])
            report.round += 1
            self.offer(tx, report, rules.after(report.level, self.waits(tx, report)), now)

    def _repeat(self, tx: Session, report: Report, now: datetime) -> None:
        """Page the tier again within its wait if that is due, and who has come on duty; if nobody is left, move on."""
        tier = self.policy_of(tx, report).tiers[report.level]
        waits, held = self.waits(tx, report), self._offers(tx, report, [tier], now)
        report.round += 1
        if not held:
            self.offer(tx, report, report.level, now)
            return
        offers = held + self._offers(tx, report, waits.together.get(tier, ()), now)
        if report.repeats_at is not None and report.repeats_at <= now:
            audit.record(tx, "repeated", at=now, actor="clock", report_id=report.id, tier=tier)
        else:
            pages = self._known_pages(tx, report).by_officer
            asked = {officer_id for officer_id, page in pages.items() if page.level == report.level}
            offers = [offer for offer in offers if offer.officer.officer_id not in asked]
        self._page(tx, report, offers, now)
        self._arm_next_look(tx, report, now, now)

    def _arm_next_look(self, tx: Session, report: Report, opens: datetime, now: datetime) -> None:
        """Wake at the end of the wait, or before it: when the tier is paged again, or when others come on duty."""
        waits, end = self.waits(tx, report), report.climbs_at or now
        if waits.repeat is None:
            report.repeats_at = None
        elif report.repeats_at is None or report.repeats_at <= now:
            report.repeats_at = waits.opens(opens + waits.repeat)
        tier = self.policy_of(tx, report).tiers[report.level]
        report.due_at = min(end, report.repeats_at or end, self._next_change(tx, report, tier, now, end))

    def _next_change(self, tx: Session, report: Report, tier: str, now: datetime, end: datetime) -> datetime:
        people = staff.current_directory(tx)
        if not people.desks:
            return end
        hours = (end - now) // HOUR + 1
        changes = (
            people.next_change(circle, name, now, hours) for circle, name in self._where_held(tx, report, tier, people)
        )
        return min((change for change in changes if change > now), default=end)

    def _offer_takeover(self, tx: Session, report: Report, now: datetime) -> None:
        """Offer a tier above an accepted report with which nothing was done in time, from now on again and again."""
        audit.record(tx, "overdue", at=now, actor="clock", report_id=report.id, timer=report.timer)
        self.arm(tx, report, report.timer or "idle", now)
        rules = self.policy_of(tx, report)
        last = len(rules.tiers) - 1
        report.round += 1
        for level in range(min(report.level + 1, last), last + 1):
            above = self._offers(tx, report, [rules.tiers[level]], now)
            offers = [offer for offer in above if offer.officer.officer_id != report.accepted_by]
            if offers:
                report.level = level
                self._page(tx, report, offers, now, overdue=True)
                return
            audit.record(tx, "tier_empty", at=now, actor="engine", report_id=report.id, tier=rules.tiers[level])
        report.level = last
        self._page(tx, report, self._at_the_top(tx, report, rules, now), now, overdue=True)

    def _at_the_top(self, tx: Session, report: Report, rules: Policy, now: datetime) -> list[Offer]:
        """Offer to the top tier's holders, else its rank, but not to whoever has the report: rather that one than nobody."""
        on_duty = self._offers(tx, report, [rules.top], now)
        for found in (on_duty, self._last_resort(tx, report, rules)):
            others = [offer for offer in found if offer.officer.officer_id != report.accepted_by]
            if others:
                return others
        return on_duty

    def page_top(self, tx: Session, report: Report, now: datetime) -> None:
        """Page the top tier at once, beside whoever has the report: a morning later it could be taken back."""
        report.round += 1
        others = self._at_the_top(tx, report, self.policy_of(tx, report), now)
        self._page(tx, report, others, now, overdue=report.status == Status.ACCEPTED, at_once=True)

    def arm(self, tx: Session, report: Report, timer: str, start: datetime) -> None:
        """Start a timer of an accepted report: "first_action" or "idle"."""
        waits = self.waits(tx, report)
        report.timer, report.repeats_at = timer, None
        report.due_at = report.climbs_at = start + (waits.first_action if timer == "first_action" else waits.idle)

    def _page(
        self, tx: Session, report: Report, offers: Iterable[Offer], now: datetime, *, overdue: bool = False,
        at_once: bool = False,
    ) -> None:  # fmt: skip
        once = {offer.officer.officer_id: offer for offer in reversed([*offers])}  # the first tier of each counts
        waits, known = self.waits(tx, report), self._known_pages(tx, report)
        if at_once:
            waits = waits.model_copy(update={"quiet": None})
            for page in (known.by_officer[officer] for officer in once if officer in known.by_officer):
                bring_forward(tx, page.id, now)  # what waits for the morning
        paging.send(tx, self.outbox, report, [*reversed(once.values())], known, waits, now, overdue=overdue)

    def _known_pages(self, tx: Session, report: Report) -> KnownPages:
        if report.round == 0:
            return NO_PAGES  # the first time nobody has one
        return self._ahead.get(report.id) or paging.read_pages(tx, [report])[report.id]

    def holders(self, tx: Session, report: Report, tier: str, now: datetime) -> list[Duty]:
        """Find who is paged for a report at a tier: whom the victim would rather talk to comes first."""
        people, wish = staff.current_directory(tx), self.preference(tx, report)
        return [
            officer
            for circle, name in self._where_held(tx, report, tier, people)
            for officer in _cleared(report, people.on_duty(circle, name, now, wish))
        ]

    def _offers(self, tx: Session, report: Report, tiers: Sequence[str], now: datetime) -> list[Offer]:
        return [Offer(officer, tier) for tier in tiers for officer in self.holders(tx, report, tier, now)]

    def _where_held(self, tx: Session, report: Report, tier: str, people: Directory) -> Iterator[tuple[str, str]]:
        """List circle and name under which a tier's shifts stand: its name today, and those retired for it."""
        names = self.current.names_of(tier)
        top = tier == self.policy_of(tx, report).top or names[0] == self.current.top
        return ((people.desk if top else report.circle, name) for name in names)

    def _last_resort(self, tx: Session, report: Report, rules: Policy) -> list[Offer]:
        """Offer to everybody of the top tier's rank, on duty or not."""
        people = staff.current_directory(tx)
        ranks = dict.fromkeys((*self.current.names_of(rules.top), *self.current.names_of(self.current.top)))
        return [Offer(one, rules.top) for rank in ranks for one in _cleared(report, people.of_rank(rank))]

    def preference(self, tx: Session, report: Report) -> Preference:
        """Read from the report whom the victim would rather talk to."""
        wishes = self.policy_of(tx, report).prefer_female
        female = report.category in wishes or any(reason in wishes for reason in report.reasons)
        return Preference(female=female, language=report.language)


def _cleared(report: Report, officers: list[Duty]) -> list[Duty]:
    # A tip about an official must not reach that official's line: HQ's integrity officers only.
    return [officer for officer in officers if officer.integrity] if report.integrity else officers
