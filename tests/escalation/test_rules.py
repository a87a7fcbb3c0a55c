"""What the optional keys of a policy do to a report on its way up, and who is paged when duty changes meanwhile."""

import sqlalchemy as sa

from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.support.paged import phones, tip


def test_a_page_is_repeated_within_the_wait_with_the_same_number(world: World) -> None:
    world.policy("priorities: {P2: {repeat: PT10M}}")
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    for _ in range(2):
        world.forward(minutes=9, seconds=59)
        world.nobody_else_is_paged()
        world.forward(seconds=1)
        amna.expects_page("P2", same_token=True)
    world.forward(minutes=10)
    bilal.expects_page()
    world.nobody_else_is_paged()
    assert world.events("repeated", "climbed") == ["repeated", "repeated", "climbed"]
    world.forward(minutes=10)
    bilal.expects_page(same_token=True)
    world.nobody_else_is_paged()


def test_the_next_tier_is_repeated_in_its_own_time(world: World) -> None:
    world.policy("priorities: {P2: {repeat: PT20M}}")
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    world.forward(minutes=20)
    amna.expects_page(same_token=True)
    world.forward(minutes=10)
    bilal.expects_page()
    world.forward(minutes=19)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    bilal.expects_page(same_token=True)


def test_an_accepted_report_is_not_repeated(world: World) -> None:
    world.policy("priorities: {P2: {repeat: PT10M}}")
    (amna,) = phones(world, "amna")
    tip(world)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    world.forward(hours=3)
    world.nobody_else_is_paged()


def test_a_page_that_has_not_left_yet_is_not_repeated_beside_itself(world: World) -> None:
    world.policy("priorities: {P2: {repeat: PT2M}}")
    (amna,) = phones(world, "amna")
    world.worker_sleeps = True
    tip(world)
    world.forward(minutes=21)
    world.worker_sleeps = False
    world.settle()
    amna.expects_page()
    world.nobody_else_is_paged()


def test_tiers_paged_together_share_a_report_and_one_may_pass_without_pushing_it_on(world: World) -> None:
    world.policy("priorities: {P2: {together: {duty_officer: [assistant_director, hq]}}}")
    amna, bilal, fatima, dania = phones(world, "amna", "bilal", "fatima", "dania")
    tip(world)
    for phone in (amna, bilal, fatima):
        phone.expects_page("P2")
    amna.passes()
    amna.expects("passed on")
    world.forward(minutes=29)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    bilal.expects_page(same_token=True)
    world.forward(minutes=30)
    dania.expects_page()
    world.nobody_else_is_paged()


def test_all_who_are_paged_together_passing_moves_the_report_on_at_once(world: World) -> None:
    world.policy("priorities: {P2: {together: {duty_officer: [deputy_director]}}}")
    amna, bilal, dania = phones(world, "amna", "bilal", "dania")
    tip(world)
    for phone in (amna, dania):
        phone.expects_page()
        phone.passes()
        phone.expects("passed on")
    world.forward(seconds=1)
    bilal.expects_page()


def test_who_is_paged_beside_an_empty_tier_is_paged_all_the_same(world: World) -> None:
    world.policy("priorities: {P2: {together: {duty_officer: [zonal_director]}}}")
    world.staff("bilal lahore assistant_director\nehsan lahore zonal_director\nfatima hq hq integrity")
    bilal, ehsan = phones(world, "bilal", "ehsan")
    tip(world)
    bilal.expects_page()
    ehsan.expects_page()
    world.nobody_else_is_paged()
    assert world.events("tier_empty") == ["tier_empty"]


def test_an_officer_of_a_higher_tier_who_accepts_early_is_reminded_above_that_tier(world: World) -> None:
    world.policy("priorities: {P2: {together: {duty_officer: [deputy_director]}}}")
    amna, dania, ehsan = phones(world, "amna", "dania", "ehsan")
    tip(world)
    amna.expects_page()
    dania.expects_page()
    dania.accepts()
    dania.expects("is yours")
    world.forward(hours=4)
    ehsan.expects("no action yet")
    world.nobody_else_is_paged()


def test_silence_may_lead_past_tiers(world: World) -> None:
    world.policy("priorities: {P2: {silence: {duty_officer: zonal_director, zonal_director: climb}}}")
    amna, ehsan, fatima = phones(world, "amna", "ehsan", "fatima")
    tip(world)
    amna.expects_page()
    world.forward(minutes=30)
    ehsan.expects_page()
    world.forward(hours=2)
    fatima.expects_page()
    world.nobody_else_is_paged()


def test_the_channels_of_an_officer_ring_one_after_the_other_and_a_failure_brings_the_next_forward(
    world: World,
) -> None:
    steps = "[{channel: telegram}, {channel: sms, after: PT1M}, {channel: call, after: PT2M}]"
    world.policy(f"priorities: {{P2: {{channels: {steps}}}}}")
    world.staff("amna lahore duty_officer telegram:7001 call\nfatima hq hq integrity")
    telegram, sms, call = (world.phone("amna", number) for number in ("telegram:7001", "", "call:+923000000001"))
    tip(world)
    telegram.expects_page("P2")
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    sms.expects_page()
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    call.expects_page()
    world.gateway("telegram").refuses("7001")
    tip(world, number="+923000000098")
    assert sms.expects_page() != telegram.token
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    call.expects_page()
    sms.accepts()
    sms.expects("is yours")
    world.nobody_else_is_paged()


def test_a_page_has_buttons_and_what_is_overdue_can_only_be_taken_over(world: World) -> None:
    world.staff(
        "amna lahore duty_officer telegram:7001\nbilal lahore assistant_director telegram:7002\nfatima hq hq integrity"
    )
    amna, bilal = world.phone("amna", "telegram:7001"), world.phone("bilal", "telegram:7002")
    tip(world)
    token = amna.expects_page()
    assert list(world.buttons("telegram:7001", 0)) == [("Accept", f"1 {token}"), ("Pass on", f"2 {token}")]
    amna.presses("1")
    amna.expects("is yours")
    world.forward(hours=4)
    bilal.expects("no action yet")
    assert [answer[0] for _, answer in world.buttons("telegram:7002", 0)] == ["1"]


def test_a_plea_for_help_has_its_own_waits(world: World) -> None:
    world.policy("kinds: {help: {P1: {accept: [PT2M, PT3M, PT3M, PT3M, PT3M]}}}")
    amna, bilal, gulnaz = phones(world, "amna", "bilal", "gulnaz")
    world.send("+923000000099", "لاہور میں مدد کرو، مجھے بچاؤ")
    amna.expects_page("P1")
    tip(world, "کراچی میں پڑوسی کی بیٹی کو آج رات مار دیں گے، خطرہ ہے", "+923000000098")
    gulnaz.expects_page("P1")
    world.phone("kamran", "+923000000015").reads_all()
    world.forward(minutes=2)
    bilal.expects_page("P1")
    world.nobody_else_is_paged()


def test_a_tip_about_an_official_goes_by_its_own_policy_and_no_one_beside_hq_hears_of_it(world: World) -> None:
    world.policy(
        "priorities: {P2: {together: {hq: [duty_officer]}}}\nintegrity: {P2: {accept: [PT45M], repeat: PT20M}}"
    )
    amna, fatima = phones(world, "amna", "fatima")
    tip(world)
    amna.expects_page()
    for answer in ("1", "lahore", "1", "9", "1", "9", "2", "1"):
        world.send("+923000000099", answer)
    fatima.expects_page(circle="HQ")
    for minutes in (20, 20, 5):
        world.forward(minutes=minutes)
        fatima.expects_page(same_token=True)
    world.nobody_else_is_paged()


def test_an_officer_without_the_clearance_cannot_accept_a_tip_about_an_official(world: World) -> None:
    tip(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.integrity = True
        amna = tx.scalars(sa.select(Officer.id).where(Officer.username == "amna")).one()
    with world.transaction() as tx:
        assert not world.engine.accept(tx, report.id, amna, world.now, via="console").won
    assert world.report().status == "open"


def test_a_tier_that_was_retired_is_held_by_who_does_its_work_now(world: World) -> None:
    """A report begun with the old tier climbs to the new one's holders, and a shift of the old name still counts."""
    amna, dania, ehsan = phones(world, "amna", "dania", "ehsan")
    tip(world)
    amna.expects_page()
    accept, waits = "first_action: PT4H, idle: P2D, accept", "[PT30M, PT1H, PT2H, PT2H]"
    world.policy(f"""
version: 2
tiers: [duty_officer, deputy_director, zonal_director, hq]
priorities: {{P1: {{{accept}: {waits}}}, P2: {{{accept}: {waits}}}, P3: {{{accept}: {waits}}}}}
retired: {{assistant_director: deputy_director}}
""")
    world.staff("""
        amna  lahore duty_officer
        dania lahore deputy_director
        ehsan lahore zonal_director
        fatima hq hq integrity
    """)
    world.forward(minutes=30)
    dania.expects_page()
    world.nobody_else_is_paged()
    with world.transaction() as tx:
        tx.execute(sa.text("UPDATE shifts SET tier = 'assistant_director' WHERE tier = 'deputy_director'"))
        for officer in tx.scalars(sa.select(Officer)):
            officer.name += "."  # so that the directory is read anew
    tip(world, number="+923000000098")
    amna.expects_page()
    world.forward(minutes=30)
    assert dania.reads_all() != []
    assert ehsan.unread() == []
    assert world.events("tier_empty") == []
