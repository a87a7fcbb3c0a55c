"""Nothing that a person types is an error to them: each kind of message that no question expects, and what happens."""

import pytest

from hotline import reports as records
from hotline.channels.contract import MAX_TEXT, clip
from hotline.conversation import texts
from hotline.reports import Outcome
from tests.journeys.desk import kept, reports, said, stands, walk
from tests.journeys.phones import Phone
from tests.journeys.world import World

pytestmark = pytest.mark.one_database

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"
STEPS = ("tip/what", "tip/where", "tip/own_words", "tip/code")  # a choice, a place, own words, a question with the code
DANGER = {"ur": "جان کا خطرہ ہے", "sd": "جان جو خطرو آهي", "en": "they will kill us", "ur-Latn": "jaan ka khatra hai",
          "sd-Latn": "jaan jo khatro aahe"}  # fmt: skip
ADVERT = (
    "CONGRATULATIONS!! You won Rs. 500,000 in Jeeto Pakistan. Call 0300-0000000 now. Visit www.example.com *T&C apply"
)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u200f", "😀", "❤️👍🏽", "...", "?"])
def test_a_first_message_without_words_gets_the_menu_and_opens_nothing(
    world: World, reporter: Phone, text: str
) -> None:
    reporter.texts(text)
    assert "1 " in reporter.expects("2 ")
    assert stands(world, reporter) == "start/menu"
    assert list(reports(world)) == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("text", ["", "😀"], ids=["a picture, or blank", "emoji"])
def test_a_message_without_words_is_asked_again_with_a_hint_and_then_passed_over(
    world: World, reporter: Phone, step: str, text: str
) -> None:
    reporter.texts(TIP)
    walk(world, reporter, step)
    told = kept(world)
    reporter.texts(text)
    if step in ("tip/what", "tip/code"):
        said(reporter, texts.HINT)
    else:
        said(reporter, texts.SKIP)
    assert stands(world, reporter) == step
    reporter.texts(text)
    assert reporter.expects("")
    assert stands(world, reporter) != step
    assert [entry for entry in kept(world) if entry[1] != text] == told


@pytest.mark.parametrize("first", [True, False])
def test_four_thousand_characters_are_kept_to_the_last_one(world: World, reporter: Phone, first: bool) -> None:
    text = ("وہ لوگوں کو مارتے ہیں " * 400)[: MAX_TEXT - 4] + " آخر"
    if not first:
        reporter.texts(TIP)
        walk(world, reporter, "tip/own_words")
    reporter.texts(clip(text)[0])
    assert text in [words for _, words in kept(world)]
    assert len(reporter.unread()) == 1


@pytest.mark.parametrize(
    "text",
    ["زما خور دلته بنده ده مرسته وکړئ مهرباني", "Помогите нас держат здесь силой", "hemos sido encerrados en una casa",
     "我们被关在这里 请帮忙 谢谢", "خواهرم را اینجا زندانی کرده‌اند لطفا"],
    ids=["Pashto", "Russian", "Spanish", "Chinese", "Persian"],
)  # fmt: skip
def test_another_language_is_kept_word_for_word_and_answered(world: World, reporter: Phone, text: str) -> None:
    reporter.texts(text)
    assert kept(world) == [(None, text)]
    assert "1 " in reporter.expects("")


@pytest.mark.parametrize("text", ["bc harami", "تم سب چور ہو", "you are useless idiots all of you"])
def test_abuse_is_kept_and_answered_like_anything_else(world: World, reporter: Phone, text: str) -> None:
    reporter.texts(TIP)
    here = stands(world, reporter)
    reporter.texts(text)
    assert text in [words for _, words in kept(world)]
    answer = reporter.unread()[-1]
    assert "1 " in answer or stands(world, reporter) != here


def test_a_pasted_advertisement_is_kept_and_pages_nobody(world: World, reporter: Phone) -> None:
    reporter.texts(ADVERT)
    assert world.written() == [ADVERT]
    assert reports(world)[0].outcome == Outcome.ASIDE
    reporter.expects("1 ")
    world.nobody_else_is_paged()


@pytest.mark.parametrize("step", STEPS)
def test_the_reporters_own_code_shows_the_status_at_any_question_and_nothing_is_lost(
    world: World, reporter: Phone, step: str
) -> None:
    reporter.texts(TIP)
    walk(world, reporter, "tip/code")
    code = world.air.heard[reporter.number][-1].split("\n")[1]
    while stands(world, reporter) != "tip/what":
        reporter.texts("0")
    walk(world, reporter, step)
    told = kept(world)
    reporter.texts(code)
    said(reporter, texts.STATUS_RECEIVED)
    reporter.texts("3")
    said(reporter, texts.NEUTRAL)
    assert kept(world) == told
    reporter.texts("the van is white and has a broken light")
    assert kept(world) == [*told, (None, "the van is white and has a broken light")]
    assert len(reports(world)) == 1


def test_the_number_of_somebody_else_is_no_code_but_an_answer(world: World, reporter: Phone) -> None:
    reporter.texts(TIP)
    walk(world, reporter, "tip/own_words")
    number = records.new_code()
    reporter.texts(number)
    assert ("what", number) in kept(world)


@pytest.mark.parametrize("words", DANGER.values(), ids=DANGER)
@pytest.mark.parametrize("step", [*STEPS, "status/found", "status/add"])
def test_words_of_danger_lift_at_any_step_in_any_spelling(world: World, reporter: Phone, step: str, words: str) -> None:
    reporter.texts(TIP)
    if step.startswith("status"):
        walk(world, reporter, "tip/code")
        reporter.texts(world.air.heard[reporter.number][-1].split("\n")[1])
        if step == "status/add":
            reporter.texts("1")
    else:
        walk(world, reporter, step)
    assert (stands(world, reporter), world.report().priority) == (step, 2)
    reporter.texts(words)
    assert world.report().priority == 1
    assert words in [text for _, text in kept(world)]


@pytest.mark.parametrize("words", DANGER.values(), ids=DANGER)
def test_words_of_danger_lift_at_a_question_to_be_confirmed(world: World, reporter: Phone, words: str) -> None:
    reporter.texts("لاہور میں 12 لوگ کام کرتے ہیں")
    walk(world, reporter, "tip/where")
    assert "لاہور" in world.air.heard[reporter.number][-1]
    reporter.texts(words)
    assert world.report().priority == 1
    assert words in [text for _, text in kept(world)]


@pytest.mark.parametrize("step", ["code/code", "info/agent"])
@pytest.mark.parametrize("words", DANGER.values(), ids=DANGER)
def test_words_of_danger_open_a_report_even_where_we_were_asked(
    world: World, reporter: Phone, step: str, words: str
) -> None:
    reporter.texts("salam")
    walk(
        world, reporter, step, {"start/menu": "4" if step == "code/code" else "5", "start/more": "1", "info/topic": "5"}
    )
    reporter.texts(words)
    assert world.report().priority == 1
    assert kept(world) == [(None, words)]
