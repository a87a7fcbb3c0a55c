"""What people type, and what is made of it."""

from pathlib import Path

import pytest

from hotline.conversation.letters import normalise
from hotline.conversation.words import FORGIVEN, Words
from hotline.core.datafile import DataFileError

WORDS = Words.load(Path("flows/keywords.tsv"))
HEADER = "concept\tlanguage_script\tvariants\tmatch\tnote\n"


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("۱", "1"),
        ("١.", "1"),
        ("(1)", "1"),
        ("#1*", "1"),
        ("1️⃣", "1"),
        ("هان", "ہان"),
        ("ھاں", "ہان"),
        ("كام", "کام"),
        ("ڪام", "کام"),
        ("کي", "کی"),
        ("ٽ ڊ ڙ ڻ", "ٹ ڈ ڑ ن"),
        ("أإآا", "ا"),
        ("مَدَد", "مدد"),
        ("مـدد", "مدد"),
        ("مد\u200cد", "مدد"),
        ("\u202bمدد\u202c", "مدد"),
        ("HELPPPP!!!", "help"),
        ("don't", "dont"),
        ("don’t", "dont"),
        ("  a \n b ", "a b"),
        ("0300000", "0300000"),
        ("😀", ""),
        ("\ud800", "\ud800"),
    ],
)
def test_spellings_fall_together(typed: str, same_as: str) -> None:
    assert normalise(typed) == normalise(same_as)


def test_digits_become_ascii_and_emoji_nothing() -> None:
    assert (normalise("۰۱۲٣"), normalise("🙏🏽")) == ("0123", "")


@pytest.mark.parametrize(
    ("typed", "concept"),
    [
        ("haan ji", "YES"),
        ("جی ہاں", "YES"),
        ("ها", "YES"),
        ("Nahiiii", "NO"),
        ("ڪونه", "NO"),
        ("no", "NO"),
        ("۳", "N3"),
        ("madad", "HELP"),
        ("سندھی", "LANG_SD"),
        ("سنڌي", "LANG_SD"),
        ("X", "STOP"),
        ("0 0", "STOP"),
        ("band", "STOP"),
        ("0", "BACK"),
        ("mera code", "STATUS"),
        ("galat number", "DURESS"),
        ("madda", "HELP"),
        ("HLEP me", "HELP"),
        ("englsh", "LANG_EN"),
        ("mehfooz nahn", "UNSAFE"),
        ("pasport", "PASSPORT"),
        ("AoA", "GREETING"),
        ("pata nahi", "UNKNOWN"),
    ],
)
def test_a_whole_message_means(typed: str, concept: str) -> None:
    assert concept in WORDS.whole(typed)


@pytest.mark.parametrize(
    ("typed", "yes", "no"),
    [
        ("hum band hain yahan", "HELD", "STOP"),
        ("bachao mujhe please", "HELP", "CHILD"),
        ("4 bachay bhatte par hain", "CHILD", "HELP"),
        ("hum mehfooz nahi hain", "DANGER", "SAFE"),
        ("وہ ہمیں مار دیں گے", "DANGER", "STOP"),
        ("اسان کي خطرو آهي", "DANGER", "STOP"),
        ("please dont call me", "NO_CALL", "STOP"),
        ("skilled workers", "", "DANGER"),
        ("woh bar bar aata hai", "", "CHILD"),
        ("Allah tala sab dekhta hai", "", "HELD"),
        ("15 log hain", "", "POLICE"),
        ("mera bhai bahar khara hai", "", "RELATIVE_ABROAD"),
        ("mera bhai bahar phansa hua hai", "RELATIVE_ABROAD", ""),
        ("aur kuch nahi", "", "MORE"),
        ("agent ne code diya", "JOURNEY", "STATUS"),
        ("us ke pas banduuq hai", "WEAPON", ""),
        ("they are kidnaping girls", "KIDNAPPED", ""),
    ],
)
def test_a_sentence_contains(typed: str, yes: str, no: str) -> None:
    concepts = WORDS.contains(typed)
    assert yes in concepts or not yes
    assert no not in concepts


SENTENCES = [line.split("\t")[1] for line in Path("tests/data/language.tsv").read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(
    ("typed", "concept"),
    [
        ("stpo", "STOP"), ("stopp", "STOP"), ("unsubscrib", "STOP"), ("theek ha", "YES"), ("okayy", "YES"),
        ("ji nahie", "NO"), ("nahee ji", "NO"), ("mehfuuz", "SAFE"), ("i am saef", "SAFE"), ("seven1", "N7"),
        ("Salim", "GREETING"), ("wrong nomber", "DURESS"),
    ],
)  # fmt: skip
def test_a_slip_never_ends_agrees_denies_or_says_that_it_is_safe(typed: str, concept: str) -> None:
    assert concept not in WORDS.whole(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "madam",
        "Ahmed",
        "Qatar",
        "Taiwan",
        "mareez",
        "dangar",
        "he looked",
        "a random man",
        "band hai",
        "bachat",
        "نکالا",
        "Sindh",
    ],
)
def test_a_name_or_an_ordinary_word_a_letter_away_means_what_it_says(typed: str) -> None:
    assert (WORDS.whole(typed) | WORDS.contains(typed)).isdisjoint(FORGIVEN - {"CHILD"})


@pytest.mark.parametrize("typed", ["khadra", "main khadra hun mujhe info chahiye", "mere bachan ka school", "skilled"])
def test_one_forgiven_letter_never_fires_a_danger(typed: str) -> None:
    assert WORDS.contains(typed).isdisjoint({"DANGER", "RESCUE", "HELD", "WEAPON"})


def test_no_is_never_nine() -> None:
    assert "N9" not in WORDS.whole("no")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "😀🙏",
        "hi",
        "Hello!!",
        "السلام علیکم",
        "assalam o alaikum",
        "hello salam",
        "Aslam o alikum sir",
        "1",
        "۲",
    ],
)
def test_courtesies_are_no_substance(typed: str) -> None:
    assert not WORDS.substance(typed)


@pytest.mark.parametrize(
    "typed", ["urdu", "سنڌي", "menu", "ok", "nahi", "شکریہ", "X", "STOP", "a", "thanks hello", "12 34"]
)
def test_words_for_the_machine_are_no_substance(typed: str) -> None:
    assert not WORDS.substance(typed)


@pytest.mark.parametrize(
    "typed", ["مدد", "help", "hum band hain", "bhatta", "salam, mere gaon mein bachay qaid hain", "بھٹہ پر بچے"]
)
def test_a_plea_or_a_fact_is_substance(typed: str) -> None:
    assert WORDS.substance(typed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("concept\tvariants\n", "flows/keywords.tsv:1:1: the header must be"),
        (HEADER + "YES\ten\tyes\n", "flows/keywords.tsv:2:3: 3 columns, 5 needed"),
        (HEADER + "yes\ten\tyes\twhole\t\n", "flows/keywords.tsv:2:1: concept: capitals"),
        (HEADER + "YES\ten\tyes;\twhole\t\n", "flows/keywords.tsv:2:3: variants: one is empty"),
        (HEADER + "YES\ten\tyes\tsome\t\n", "flows/keywords.tsv:2:4: match: whole, contains or never"),
    ],
)
def test_a_fault_in_the_table_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "flows" / "keywords.tsv"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Words.load(path)
    assert refused.value.problems[0].startswith(message)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"keywords\.tsv:1:1: unreadable"):
        Words.load(tmp_path / "keywords.tsv")
