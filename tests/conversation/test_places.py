"""From what people write to the district: in six spellings, misspelt, in passing, and never from an ordinary word."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.conversation.letters import normalise
from hotline.conversation.places.finder import Ambiguous, Places
from hotline.conversation.places.names import MAX_WORDS, tokens_of
from hotline.conversation.places.tables import Place
from hotline.core.datafile import DataFileError

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"
TABLES = ("districts.tsv", "towns.tsv", "countries.tsv", "placewords.tsv")
PLACES = Places.load(FLOWS / "districts.tsv")
ANSWERS = [line.split("\t") for line in (ROOT / "tests/data/places.tsv").read_text(encoding="utf-8").splitlines()[1:]]
MENTIONS = [
    line.split("\t") for line in (ROOT / "tests/data/mentions.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
TOWNS = [line.split("\t") for line in (FLOWS / "towns.tsv").read_text(encoding="utf-8").splitlines()[1:]]
DISTRICTS = [line.split("\t") for line in (FLOWS / "districts.tsv").read_text(encoding="utf-8").splitlines()[1:]]


def codes(found: Place | Ambiguous | None) -> list[str]:
    if found is None:
        return ["-"]
    return [place.code for place in found.options] if isinstance(found, Ambiguous) else [found.code]


@pytest.mark.parametrize(("script", "answer", "expected"), ANSWERS, ids=[f"{row[0]}: {row[1]}" for row in ANSWERS])
def test_an_answer_finds_its_place(script: str, answer: str, expected: str) -> None:
    assert sorted(codes(PLACES.find(answer))) == sorted(expected.split("|")), script


def test_every_name_in_the_table_leads_to_its_district() -> None:
    for row in DISTRICTS:
        status = row[8].partition("part of ")[2]
        district = PLACES.district(status or row[2])
        assert district is not None
        for name in [row[2], *";".join(row[3:6]).split(";")]:
            found = PLACES.find(name)
            assert not name or district.code in codes(found), (row[2], name)


@pytest.mark.parametrize(("script", "sentence", "expected"), MENTIONS, ids=[f"{row[0]}: {row[1]}" for row in MENTIONS])
def test_a_message_tells_its_place_or_none(script: str, sentence: str, expected: str) -> None:
    assert codes(PLACES.mention(sentence)) == [expected], script


def test_a_third_of_the_messages_are_traps_and_every_spelling_is_there() -> None:
    assert len(MENTIONS) >= 250
    assert sum(place == "-" for _, _, place in MENTIONS) * 3 >= len(MENTIONS)
    assert {script for script, _, _ in MENTIONS} == {"ur", "ur-Latn", "sd", "sd-Latn", "en", "mixed"}


def test_every_town_leads_to_its_district_or_country() -> None:
    for place, names, _ in TOWNS:
        for name in names.split(";"):
            found = PLACES.find(name)
            options = found.options if isinstance(found, Ambiguous) else (found,)
            assert place in {option.name for option in options if option}, (place, name)


def test_no_town_stands_twice_in_one_place() -> None:
    keys = [(place, normalise(name).replace(" ", "")) for place, names, _ in TOWNS for name in names.split(";")]
    assert sorted(keys) == sorted({*keys})


@given(data=st.data())
def test_one_wrong_letter_in_a_longer_name_still_leads_there(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([row[2] for row in DISTRICTS if len(row[2].replace(" ", "")) >= 8]))
    at = data.draw(st.sampled_from([position for position, letter in enumerate(name) if letter.isalpha()]))
    letter = data.draw(st.sampled_from("aeiouhkrstn"))
    kind = data.draw(st.sampled_from(["wrong", "missing", "extra"]))
    typed = name[:at] + {"wrong": letter, "missing": "", "extra": name[at] + letter}[kind] + name[at + 1 :]
    assume(not re.search(r"(.)\1\1", typed.lower()))  # three in a row are taken for one: a second mistake
    district = PLACES.district(name)
    assert district is not None
    assert district.code in codes(PLACES.find(typed)), typed


@pytest.mark.parametrize(
    ("name", "home"), [("Gujrat", "gujrat"), ("حیدرآباد", "hyderabad"), ("Mirpur", None), ("dir", None)]
)
def test_a_name_shared_with_a_place_abroad_is_at_home_until_asked(name: str, home: str | None) -> None:
    found = PLACES.find(name)
    assert isinstance(found, Ambiguous)
    assert (found.home.code if found.home else None) == home


def test_the_likelier_place_stands_first() -> None:
    assert codes(PLACES.find("Gujrat")) == ["gujrat", "in"]
    assert codes(PLACES.find("میرپور"))[0] in {"mirpur-khas", "mirpur-ajk"}


@pytest.mark.parametrize(
    ("answer", "language", "names"),
    [
        ("Mirpur", "en", {"Mirpur Khas", "Mirpur (AJK)"}),
        ("میرپور", "ur", {"میرپور خاص", "میرپور آزاد کشمیر"}),
        ("Dir", "en", {"Lower Dir", "Upper Dir"}),
        ("Gujrat", "en", {"Gujrat", "India"}),
        ("گجرات", "ur", {"گجرات", "بھارت"}),
        ("حيدرآباد", "sd", {"حيدرآباد", "ڀارت"}),
        ("نصیر آباد", "ur", {"نصیر آباد", "قمبر شہدادکوٹ"}),
        ("Lahore", "en", set()),
        ("no idea", "en", set()),
    ],
)
def test_what_an_ambiguous_name_leaves_to_choose_from(answer: str, language: str, names: set[str]) -> None:
    assert {*PLACES.options(answer, language)} == names


def test_every_country_is_found_by_each_of_its_names() -> None:
    for line in (FLOWS / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        code, *names = line.split("\t")
        for name in filter(None, ";".join(names).split(";")):
            assert code in codes(PLACES.find(name)), (code, name)


def test_answers_are_right_at_least_as_often_as_when_first_measured() -> None:
    for script in {row[0] for row in ANSWERS}:
        mine = [(answer, place) for written, answer, place in ANSWERS if written == script]
        right = [sorted(codes(PLACES.find(answer))) == sorted(place.split("|")) for answer, place in mine]
        assert (sum(right) / len(right), len(mine) >= 15) >= (0.95, True), script


def test_a_district_that_is_not_confirmed_counts_as_the_one_it_was_part_of() -> None:
    assert codes(PLACES.find("Tump")) == ["kech"]
    assert PLACES.district("Tump") == PLACES.district("Kech")


def test_a_city_of_several_districts_names_them_all() -> None:
    karachi = PLACES.find("ڪراچي")
    assert isinstance(karachi, Place)
    assert karachi.districts[0] == "karachi"
    assert "malir" in karachi.districts
    assert codes(PLACES.find("Korangi, Karachi")) == ["korangi"]


def test_a_place_says_what_it_is() -> None:
    assert PLACES.find("Mandi Bahauddin") == Place(
        "district", "mandi-bahauddin", "Mandi Bahauddin", "Gujrat", ("mandi-bahauddin",)
    )
    assert PLACES.find("استنبول") == Place("abroad", "tr", "Turkey")


@pytest.mark.parametrize("name", ["Mandi Bahauddin", "mandi bahauddin", "mandi-bahauddin", " Mandi Bahauddin "])
def test_a_directory_names_districts_as_the_table_does(name: str) -> None:
    district = PLACES.district(name)
    assert district is not None
    assert district.code == "mandi-bahauddin"


@pytest.mark.parametrize("name", ["Mandi", "lahor", "", "Turkey", "tr"])
def test_a_directory_is_not_guessed_at(name: str) -> None:
    assert PLACES.district(name) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("لاہور میں ایک بچی بند ہے", "lahore"),
        ("لاہور شہر میں ایک بچی بند ہے", "lahore"),
        ("lahore mein larki band hai", "lahore"),
        ("gujrat main bhatta hai", "gujrat"),
        ("karachi ke qareeb fishing boat", "karachi"),
        ("مون کي ٻڌايو ويو ته لاهور ۾ ٻار ڪم ڪن ٿا", "lahore"),
        ("ڪراچي مان ڇوڪري کي کڻي ويا", "karachi"),
        ("children work in the city of Sialkot", "sialkot"),
        ("at Kasur", "kasur"),
        ("from Kasur to Lahore", "kasur"),
        ("multan ki larki lahore mein", "lahore"),
        ("lahore se karachi le gaye, karachi mein hai", "karachi"),
        ("hyderabad mein bachay", "hyderabad"),
        ("dubai mein phansa hun", "ae"),
        ("help me gujrat", "gujrat"),
        ("larkiyan band hain, kasur", "kasur"),
        ("Gulshan-e-Iqbal Karachi mein", "karachi-east"),
        ("saddar rawalpindi mein", "rawalpindi"),
        ("zila tank mein larki bechi", "tank"),
        ("hala matiari mein zamindar", "matiari"),
        ("mera bhai libya mein qaid hai, hum gujrat mein hain", "ly"),
        ("multan se kal dubai le ja rahe hain", "multan"),
        ("multan se lahore le gaye", "lahore"),
        ("lahore se ek larki ka phone aya ke band hun", "lahore"),
        ("lahore ki factory mein bachay", "lahore"),
    ],
)
def test_a_place_in_passing_is_heard(text: str, code: str) -> None:
    assert codes(PLACES.mention(text)) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lahore",  # said alone it is an answer, not a mention: `find` has it
        "woh bara aadmi hai, tank mein pani nahi",
        "garden mein bache kaam karte hain",
        "hub mein",
        "jati mein se",
        "میرا قصور نہیں",
        "باغ میں",
        "ghar mein band hain",
        "mirpur mein",  # which?
        "dir mein",
        "lahhore mein",  # misspelt: not sure enough
        "lahore mein aur karachi mein",
        "Multan ki larki",
        "lahore se do aadmi aye hain",
        "quetta wale kal aa rahe hain",
        "mera naam mardan hai",
        "chaman bhai ne kaha",
        "multan road par ghar hai",
        "khyber pakhtunkhwa police",
        "italy ka visa kitne ka hai",
        "job in thailand, is it safe",
        "saddar mein hotel hai",
        "lahore multan karachi",
    ],
)
def test_where_there_is_doubt_nothing_is_heard(text: str) -> None:
    assert PLACES.mention(text) is None


@pytest.mark.parametrize(
    "text",
    ["lahore" * 700, "3" * 4000, "lahore لاہور lhr, " * 230, "strange7 " * 450, ", " * 2000, "۾" * 4000],
    ids=["no space", "digits", "scripts", "words", "commas", "signs"],
)
def test_a_long_text_is_read_to_a_bound(text: str) -> None:
    assert len(tokens_of(text)) <= MAX_WORDS
    assert codes(PLACES.mention(text)) in (["lahore"], ["-"])


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert codes(PLACES.find(text))
    assert codes(PLACES.mention(text))


def test_the_demo_directory_has_districts_of_the_table_only() -> None:
    directory = yaml.safe_load((ROOT / "hotline/local/demo/directory.yaml").read_text(encoding="utf-8"))
    named = [name for circle in directory["circles"] for name in circle.get("districts", [])]
    assert [name for name in named if PLACES.district(name) is None] == []


def with_line(folder: Path, table: str, number: int, line: str) -> Path:
    for name in TABLES:
        shutil.copy(FLOWS / name, folder / name)
    lines = (folder / table).read_text(encoding="utf-8").splitlines()
    lines[number - 1] = line
    (folder / table).write_text("\n".join(lines), encoding="utf-8")
    return folder / "districts.tsv"


GOOD = "Sindh\tHyderabad\tNewtown\t\t\t\tHyderabad\ta guess\tok\town knowledge"


@pytest.mark.parametrize(
    ("table", "number", "line", "problem"),
    [
        ("districts.tsv", 1, "district", "districts.tsv:1:1: the header must be province, "),
        ("districts.tsv", 5, "Sindh\tHyderabad", "districts.tsv:5:2: 2 columns, 10 needed"),
        ("districts.tsv", 5, GOOD.replace("Newtown", ""), "districts.tsv:5:3: district: is missing"),
        ("districts.tsv", 5, GOOD.replace("Newtown", "Lahore"), "3: district: stands here twice"),
        ("districts.tsv", 5, GOOD.replace("\tok\t", "\tmaybe\t"), "districts.tsv:5:9: status: ok, new YEAR"),
        (
            "districts.tsv",
            5,
            GOOD.replace("\tok\t", "\tnot confirmed; part of Atlantis\t"),
            "districts.tsv:5:9: status: Atlantis is no district here",
        ),
        ("districts.tsv", 5, GOOD.replace("\t\t\t\tH", "\t\t\ta;...\tH"), "5:6: alternates: a name without a letter"),
        ("countries.tsv", 2, "UAE\tEmirates\t\t\t", "countries.tsv:2:1: code: two small letters"),
        ("countries.tsv", 2, "ae\t\t\t\t", "countries.tsv:2:2: country: is missing"),
        ("towns.tsv", 1, "place", "towns.tsv:1:1: the header must be place, names, only"),
        ("towns.tsv", 3, "Atlantis\tOld town\t", "towns.tsv:3:1: place: no district or country of this name"),
        ("towns.tsv", 3, "Lahore\t\t", "towns.tsv:3:2: names: a name without a letter"),
        ("towns.tsv", 3, "Lahore\tOld town;.\t", "towns.tsv:3:2: names: a name without a letter"),
        ("towns.tsv", 3, "Lahore\tOld town\tnever", "towns.tsv:3:3: only: empty, or beside"),
        ("placewords.tsv", 3, "held\tin jail\t", "placewords.tsv:3:2: words: in jail is more than a word"),
        ("placewords.tsv", 3, "inside\tmein\t", "placewords.tsv:3:1: kind: one of after, "),
    ],
)
def test_a_mistake_in_a_table_is_named_by_file_line_and_column(
    tmp_path: Path, table: str, number: int, line: str, problem: str
) -> None:
    with pytest.raises(DataFileError) as caught:
        Places.load(with_line(tmp_path, table, number, line))
    assert len(caught.value.problems) == 1
    assert problem in caught.value.problems[0]


def test_a_table_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "districts.tsv").write_bytes(b"\xff")
    with pytest.raises(DataFileError) as caught:
        Places.load(tmp_path / "districts.tsv")
    assert [problem.split("/")[1] for problem in caught.value.problems] == [
        "districts.tsv:1:1: unreadable (UnicodeDecodeError)",
        "countries.tsv:1:1: unreadable (FileNotFoundError)",
        "towns.tsv:1:1: unreadable (FileNotFoundError)",
        "placewords.tsv:1:1: unreadable (FileNotFoundError)",
    ]
