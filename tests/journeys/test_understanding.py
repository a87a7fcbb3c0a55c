"""What the first words say: who is in danger, where, what it is about, and who must not be told."""

import pytest
import sqlalchemy as sa

from hotline.core.i18n import translate
from hotline.core.priority import Priority
from hotline.reports import Outcome, Report, Status
from tests.journeys.desk import facts, stands, walk
from tests.journeys.phones import Phone
from tests.journeys.world import World

pytestmark = pytest.mark.one_database


CRIES = [
    ("mujhe ghar me band kiya hai", "help", "ur"),
    ("me khwaja sira hun mera guru mujhe bech raha hai", "help", "ur"),
    ("hari hain hum, wadera ne meri bv aur bachon ko dera pe rok liya hai", "help", "ur"),
    ("Mary bhai ko iran border pe pakar rakha hai, 10 lakh mang rahe, hath kaat dengy", "family", "ur"),
    ("im 16 they are marrying me off on friday", "help", "en"),
    ("منهنجي عمر ٽيرهن سال آهي، ابو سومر ڏينهن منهنجي شادي پيو ڪرائي", "help", "sd"),
    ("larki ko chup kar ke gari me dala abhi abhi, LEB 4471", "tip", "ur"),
    ("mujhay nahi pata kahan hun, truck mein hain hum 20 log, saans nahi aa rahi", "help", "ur"),
    ("main ne suicide kar lena hai agar ye shaadi hui", "help", "ur"),
    ("asankhewaderebandkeyoahe", "help", "sd"),
    ("put libya me aa jail me rakhyo athas", "family", "sd"),
]


@pytest.mark.parametrize(("cry", "kind", "language"), CRIES)
def test_a_cry_is_p1_from_its_first_words(world: World, reporter: Phone, cry: str, kind: str, language: str) -> None:
    reporter.texts(cry)
    report = world.report()
    assert (report.priority, report.kind, report.language) == (Priority.P1, kind, language)
    assert world.pages()
    reporter.expects("")


@pytest.mark.parametrize(
    "said",
    [
        "main khadra hun mujhe info chahiye",
        "mere bachon ka school band hai aaj",
        "load shedding ne maar diya yar",
    ],
)
def test_what_only_sounds_like_danger_is_no_p1(world: World, reporter: Phone, said: str) -> None:
    reporter.texts(said)
    with world.transaction() as tx:
        assert Priority.P1 not in set(tx.scalars(sa.select(Report.priority)))
    reporter.expects("")


@pytest.mark.parametrize(
    ("greeting", "plea"), [("salam", "bachao"), ("hello", "help me"), ("hi", "مدد"), ("salam", "madad")]
)
def test_a_plea_after_a_greeting_is_a_report_and_pages_at_once(
    world: World, reporter: Phone, greeting: str, plea: str
) -> None:
    reporter.texts(greeting)
    reporter.expects("1 ")
    reporter.texts(plea)
    assert (world.report().kind, world.written()) == ("help", [plea])
    assert world.pages()
    reporter.expects("1 ", "2 ")


def test_a_tip_about_an_official_is_never_paged_to_his_circle(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts("FIA inspector in Lahore takes money from agents")
    assert world.report().integrity
    fatima.expects_page()
    reporter.expects("")
    world.forward(hours=3)
    assert amna.unread() == []


def test_an_official_who_is_named_later_takes_the_report_from_the_circle(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts("bhatte par bachon se kaam lete hain lahore me")
    amna.expects_page("P2", "Lahore")
    reporter.expects("")
    reporter.texts("thane ka SHO malik se har mahine paise leta hai is liye koi nahi aata")
    assert world.report().integrity
    fatima.expects_page()
    reporter.expects("")
    world.forward(hours=2)
    assert [told for told in amna.unread() if "report" in told] == []


@pytest.mark.parametrize(
    ("said", "answer", "language"),
    [
        ("kya ye agent asli hai ya fraud, dubai ka visa de raha hai", "journey", "ur"),
        ("are you a robot or a human", "about", "en"),
    ],
)
def test_a_question_is_answered_and_pages_nobody(
    world: World, reporter: Phone, said: str, answer: str, language: str
) -> None:
    reporter.texts(said)
    report = world.report()
    assert (report.priority, report.status, report.outcome) == (Priority.P3, Status.CLOSED, Outcome.ASIDE)
    reporter.expects(translate(world.services.flows.node("info", answer).say.text, language), "1 ")
    world.everybody_is_silent()
    reporter.texts("theek hai")
    reporter.expects("")
    world.forward(hours=3)
    world.nobody_else_is_paged()
    assert len(world.reports()) == 1


def test_a_question_in_the_middle_is_answered_and_ours_stands(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("log kaarkhane me kaam karte hain wahan kuch theek nahi")
    fatima.expects_page()
    first = reporter.expects("1 ").splitlines()
    reporter.texts("kya ye number free hai aap paise to nahi kaato ge")
    assert first[-1] in reporter.expects("1 ")


@pytest.mark.parametrize(
    "said",
    [
        "Loan offer! 5 lakh tak qarza ghar bethe, abhi call karen",
        "shukriya aap logon ka bohat acha kaam hai",
        "sorry galat number lag gaya",
        "test message 123",
    ],
)
def test_what_is_no_report_is_kept_and_pages_nobody(world: World, reporter: Phone, said: str) -> None:
    reporter.texts(said)
    assert (world.report().outcome, world.written()) == (Outcome.ASIDE, [said])
    reporter.expects("1 ")
    world.forward(hours=10)
    world.nobody_else_is_paged()


def test_a_plea_inside_an_advertisement_is_a_plea(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("Loan offer 5 lakh call now. mujhe bachao inhon ne mujhe kamre me band kiya hua hai. Loan offer")
    assert world.report().priority == Priority.P1
    fatima.expects_page("P1")
    reporter.expects("")


def test_a_professional_is_one_on_the_record(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("I am a doctor, I want to refer a girl with burns who is not allowed to go home")
    assert world.report().kind == "professional"
    fatima.expects_page()
    reporter.expects("1 ")


def test_i_do_not_know_is_no_report(world: World, reporter: Phone) -> None:
    """خبر is news, and خبر ناهي is none."""
    reporter.texts("سلام")
    reporter.expects("1 ")
    reporter.texts("خبر ناهي")
    assert world.reports() == []
    assert stands(world, reporter) == "start/menu"
    reporter.expects("1 ")


def test_stop_in_sindhi_stops(world: World, reporter: Phone) -> None:
    reporter.texts("سلام")
    reporter.expects("1 ")
    reporter.texts("بند ڪيو")
    assert stands(world, reporter) == ""
    assert (world.reports(), reporter.unread()) == ([], [])


def test_twelve_is_a_child(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("madad chahiye")
    fatima.expects_page()
    walk(world, reporter, "help/age", {"help/safe": "haan", "help/person": "meri behan"})
    reporter.texts("12")
    assert stands(world, reporter) == "help/gender"
    assert facts(world, reporter)["age"] == "child"
    reporter.expects("1 ")


def test_ransom_is_ransom_in_the_family_flow(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("mera bhai libya gaya tha, us ke bare me baat karni hai")
    fatima.expects_page()
    assert stands(world, reporter) == "family/what"
    reporter.expects("1 ")
    reporter.texts("ransom")
    assert facts(world, reporter)["situation"] == "ransom"
    reporter.expects("")


def test_a_greeting_decides_no_language(world: World, reporter: Phone) -> None:
    reporter.texts("hello")
    reporter.expects("1 ")
    reporter.texts("there is a house near us where girls are brought every night")
    reporter.expects("")


def test_two_messages_in_another_language_switch_to_it(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("there is a house near us where something is wrong")
    fatima.expects_page()
    assert "We have" in reporter.expects("")
    reporter.texts("منهنجو نالو نه ٻڌايو، هو خطرناڪ ماڻهو آهن")
    assert reporter.expects("").isascii()
    reporter.texts("لاڙڪاڻي جي ڀرسان هڪ ڳوٺ ۾ آهي اهو گهر")
    assert not reporter.expects("").isascii()


def test_a_woman_who_asks_for_help_rings_the_female_officer_first(world: World, reporter: Phone) -> None:
    world.staff("""
        irfan   lahore duty_officer male
        gulnaz  lahore duty_officer female
        fatima  hq hq integrity
    """)
    reporter.texts("mai lahore me akeli hun shohar mujhe bech raha hai")
    with world.transaction() as tx:
        rung = world.engine.holders(tx, world.report(), "duty_officer", world.now)
    assert [officer.name for officer in rung] == ["Gulnaz", "Irfan"]
