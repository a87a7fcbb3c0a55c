"""How urgent: the rule of the brief, as rows."""

from pathlib import Path

import pytest

from hotline.conversation.words import Words
from hotline.core import i18n
from hotline.core.datafile import DataFileError
from hotline.core.priority import Priority
from hotline.reports.triage import Triage

WORDS = Words.load(Path("flows/keywords.tsv"))
TRIAGE = Triage.load(Path("flows/triage.yaml"), WORDS)

ROWS = [
    ("nothing known", "tip", [], {}, "P2"),
    ("a plea that does not say why", "help", ["madad"], {}, "P2"),
    ("a plea for rescue", "help", ["bachao"], {}, "P1"),
    ("danger now", "help", [], {"danger": "yes"}, "P1"),
    ("no danger", "help", [], {"danger": "no"}, "P2"),
    ("danger in Urdu", "tip", ["وہ ہمیں مار دیں گے"], {}, "P1"),
    ("danger in Sindhi", "tip", ["اسان کي خطرو آهي"], {}, "P1"),
    ("danger in English", "tip", ["they will kill us"], {}, "P1"),
    ("danger in Roman Urdu", "tip", ["hum khatre mein hain"], {}, "P1"),
    ("danger in Roman Sindhi", "tip", ["asan khe jaan jo khatro aahe"], {}, "P1"),
    ("locked up", "tip", ["hum band hain"], {}, "P1"),
    ("ransom", "tip", ["وہ تاوان مانگ رہے ہیں"], {}, "P1"),
    ("a weapon", "tip", ["us ke paas pistol hai"], {}, "P1"),
    ("children now", "tip", [], {"children": "yes", "when": "now"}, "P2"),
    (
        "a child sold for sex, now",
        "tip",
        [],
        {"category": "sexual_exploitation", "children": "yes", "when": "now"},
        "P1",
    ),
    ("a child married now", "tip", [], {"category": "forced_marriage", "children": "yes", "when": "now"}, "P1"),
    ("a child to be married within days", "tip", ["bachi ki shadi kal hai"], {}, "P1"),
    ("a marriage tomorrow", "tip", ["kal shadi hai"], {}, "P2"),
    (
        "a child's marriage, and soon by own words",
        "tip",
        ["is hafte"],
        {"category": "forced_marriage", "children": "yes"},
        "P1",
    ),
    ("cannot leave", "help", [], {"situation": "held"}, "P1"),
    ("threatened", "help", [], {"situation": "threatened"}, "P1"),
    ("papers taken", "help", [], {"situation": "papers_taken"}, "P2"),
    ("papers taken with threats", "help", ["dhamki dete hain"], {"situation": "papers_taken"}, "P1"),
    ("a passport and threats in one sentence", "tip", ["پاسپورٹ لے لیا، دھمکی دی"], {}, "P1"),
    ("threats alone", "tip", ["agent threatens me"], {}, "P2"),
    ("no pay", "help", [], {"situation": "wages"}, "P2"),
    ("rescue is needed", "help", [], {"need": "rescue"}, "P1"),
    ("a shelter is needed", "help", [], {"need": "shelter"}, "P2"),
    ("a relative is missing", "help", [], {"situation": "missing"}, "P2"),
    ("a family abroad, asked for money", "help", [], {"situation": "ransom"}, "P1"),
    ("held for ransom", "tip", [], {"category": "held", "category_detail": "ransom"}, "P1"),
    ("held for an organ, now", "tip", [], {"category": "held", "category_detail": "organ", "when": "now"}, "P1"),
    ("an organ, before", "tip", [], {"category": "held", "category_detail": "organ", "when": "past"}, "P3"),
    ("a kidney, in own words", "tip", ["gurde ka masla hai"], {}, "P2"),
    ("moved tonight", "tip", ["آج رات کراچی لے جائیں گے"], {}, "P1"),
    ("beaten", "tip", ["malik bachon ko marta hai"], {}, "P1"),
    ("forced work, before", "tip", [], {"category": "forced_labour", "when": "past"}, "P3"),
    ("a child in work", "tip", [], {"category": "child_domestic", "when": "now"}, "P2"),
    ("a nurse refers a girl", "professional", [], {"persons": "girl"}, "P2"),
    ("a family asks", "family", [], {}, "P2"),
    ("a question", "tip", ["is this agent licensed?"], {}, "P3"),
    ("a question from somebody in danger", "tip", ["is this agent real? they locked me in"], {}, "P1"),
    ("a test", "test", [], {}, "P3"),
    ("God's name is no lock", "tip", ["Allah tala madad kare"], {}, "P2"),
    ("children before", "tip", [], {"children": "yes", "when": "past"}, "P2"),
    ("an agent, in the past", "tip", [], {"category": "agent_fraud", "when": "past"}, "P3"),
    ("an agent, now", "tip", [], {"category": "agent_fraud", "when": "now"}, "P2"),
    (
        "an agent in the past and an official",
        "tip",
        [],
        {"category": "agent_fraud", "when": "past", "official": "yes"},
        "P2",
    ),
    ("danger beats the past", "tip", ["danger"], {"category": "agent_fraud", "when": "past"}, "P1"),
    ("own words are no value", "tip", [], {"children": None, "when": None}, "P2"),
]


@pytest.mark.parametrize(
    ("kind", "texts", "answers", "priority"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_priority(kind: str, texts: list[str], answers: dict[str, str | None], priority: str) -> None:
    assert TRIAGE.assess(kind, texts, answers).priority.name == priority


def test_the_reasons_of_the_priority_come_first_and_once() -> None:
    reasons = TRIAGE.assess("help", ["bachao", "khatra", "danger"], {"when": "now"}).reasons
    assert reasons == (
        "Words of danger",
        "A plea for rescue",
        "Somebody asks for help",
        "Words that ask for help",
        "It is happening now",
    )


DANGERS = [
    ("danger", ["وہ لوگ خطرے میں ہیں", "اهي خطري ۾ آهن", "they are in danger", "wo khatre mein hain", "uhe khatre mein aahin"]),
    ("rescue", ["ہمیں بچاؤ", "اسان کي بچايو", "rescue us", "hamein bachao", "asan khe bachayo"]),
    ("held", ["ہم بند ہیں", "اسان بند آهيون", "we are locked up", "hum band hain", "asan band aahyun"]),
    ("ransom", ["تاوان مانگا ہے", "تاوان گهريو اٿن", "they want ransom", "tawan manga hai", "tawan ghuran tha"]),
    ("kidnapped", ["اغوا کیا ہے", "اغوا ڪيو آهي", "he was kidnapped", "aghwa kar liya", "aghwa kayo athan"]),
    ("weapon", ["ان کے پاس بندوق ہے", "انهن وٽ هٿيار آهي", "he has a gun", "us ke paas pistol hai", "hun wat hathyar aahe"]),
    ("violence", ["وہ مارتے ہیں", "اهي مارين ٿا", "he beats her", "wo marte hain", "uhe maren tha"]),
    ("killing", ["مار دیں گے", "ماري ڇڏيندا", "they will kill him", "maar denge", "mari chhadinda"]),
    ("moved", ["آج رات لے جائیں گے", "اڄ رات وٺي ويندا", "they leave tonight", "aaj raat le jayenge", "aj raat wathi vinda"]),
    (
        "a child's marriage",
        ["کل بچی کا نکاح ہے", "سڀاڻي ٻارڙي جو نڪاح آهي", "the girl has to marry tomorrow", "kal bachi ka nikah hai",
         "subhane baarrhi jo nikah aahe"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [text for _, texts in DANGERS for text in texts],
    ids=[f"{name} {i}" for name, texts in DANGERS for i in range(len(texts))],
)
def test_words_of_danger_in_five_spellings_are_as_urgent_as_can_be(text: str) -> None:
    assert TRIAGE.assess("tip", [text], {}).priority == Priority.P1


@pytest.mark.parametrize(
    "text",
    [
        "khatrra hai yahan",
        "they are in dangr",
        "we are lokced in",
        "plz bachaoo",
        "he was kidnaped",
        "wo kidnapp ho gaya",
    ],
)
def test_a_slip_in_a_word_of_danger_changes_nothing(text: str) -> None:
    assert TRIAGE.assess("tip", [text], {}).priority == Priority.P1


FACTS = [
    ("a kiln", ["bhatta par log band hain"], {}, ["held", "work"], ["police", "provincial", "labour"]),
    ("a journey", ["agent ne 5 lakh liye, border par chor dia"], {}, ["journey", "paid"], ["mission"]),
    ("both at once", ["agent ne iran border par qaid kia, passport le lia"], {}, ["held", "papers", "journey"],
     ["police", "mission"]),
    ("a child servant", [], {"category": "child_domestic"}, ["work", "child"], ["provincial", "child", "labour"]),
    ("a girl to be married", ["larki 14 saal, bachi ki shadi"], {}, ["marriage", "child"], ["child"]),
    ("no pay", [], {"situation": "wages"}, ["wages"], ["labour"]),
    ("an organ", [], {"category_detail": "organ"}, ["organ"], ["provincial"]),
    ("an official", [], {"official": "yes"}, ["official"], []),
    ("a shelter", [], {"need": "shelter"}, [], ["shelter"]),
    ("nothing known", ["salam"], {}, [], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "answers", "ids", "referrals"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS]
)
def test_facts_are_listed_and_who_may_be_concerned(
    texts: list[str], answers: dict[str, str | None], ids: list[str], referrals: list[str]
) -> None:
    found = TRIAGE.assess("tip", texts, answers)
    facts = {indicator.id: indicator.fact for indicator in TRIAGE.file.indicators}
    assert found.indicators == tuple(facts[each] for each in ids)
    assert [text.removeprefix("Consider: ").replace(",", "").split(" ")[0] for text in found.referrals] == referrals


def test_no_fact_is_a_verdict() -> None:
    texts = [indicator.fact for indicator in TRIAGE.file.indicators]
    assert not [text for text in texts if "traffick" in text.lower() or "smuggl" in text.lower()]
    assert all(referral.consider.startswith("Consider: ") for referral in TRIAGE.file.referrals)


def test_every_reason_can_be_read_in_every_language() -> None:
    file = TRIAGE.file
    reasons = [file.default.reason, *(rule.reason for rule in file.rules)]
    reasons += [indicator.fact for indicator in file.indicators] + [referral.consider for referral in file.referrals]
    assert all(i18n.has_text(language, reason) for reason in reasons for language in i18n.LANGUAGES)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{priority: P4, when: {kind: help}, reason: R}", "3: rules.0.priority: Input should be 'P1', 'P2' or 'P3'"),
        (
            "{priority: P1, when: {words: [NONE]}, reason: R}",
            "3: rules.0.when.words: NONE is not in keywords.tsv or frames.tsv",
        ),
        ("{priority: P1, when: {}, reason: R}", "3: rules.0.when: needs `words`, `together`, `answer` or `kind`"),
        ("{priority: P1, when: {word: [HELP]}, reason: R}", "3: rules.0.when.word: unknown key"),
        (
            "{priority: P1, when: {answer: {danger: yes}}, reason: R}",
            '3: rules.0.when.answer.danger: a text, or a list of texts; "yes" and "no" in quotes',
        ),
        (
            "{priority: P1, when: {together: [NONE]}, reason: R}",
            "3: rules.0.when.together: NONE is not in keywords.tsv or frames.tsv",
        ),
        ("{priority: P1, when: {kind: help}}", "3: rules.0.reason: is missing"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, rule: str, message: str) -> None:
    path = tmp_path / "flows" / "triage.yaml"
    path.parent.mkdir()
    path.write_text(f"default: {{priority: P2, reason: R}}\nrules:\n  - {rule}\n", encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Triage.load(path, WORDS)
    assert f"flows/triage.yaml:{message}" in refused.value.problems


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("indicators: [{id: a, of: [TIP], fact: F, when: []}]", "3: indicators.0.when: "),
        ("indicators: [{id: a, of: [SEA], fact: F, when: [{kind: tip}]}]", "3: indicators.0.of.0: "),
        ("indicators: [{id: a, of: [TIP], fact: F, when: [{}]}]", "3: indicators.0.when.0: needs `words`"),
        (
            "indicators: [{id: a, of: [TIP], fact: F, when: [{words: [NO_SUCH]}]}]",
            "3: indicators.0.when.0.words: NO_SUCH",
        ),
        (
            "indicators: [{id: a, of: [TIP], fact: F, when: [{kind: tip}]}, {id: a, of: [TIP], fact: F, when: [{kind: tip}]}]",
            "3: indicators.1.id: a stands here twice",
        ),
        ("referrals: [{consider: C, when: [{answer: {age: [yes]}}]}]", "3: referrals.0.when.0.answer.age: a text"),
        ("referrals: [{when: [{kind: tip}]}]", "3: referrals.0.consider: is missing"),
    ],
)
def test_a_fault_in_facts_and_referrals_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "flows" / "triage.yaml"
    path.parent.mkdir()
    path.write_text(f"default: {{priority: P2, reason: R}}\nrules: []\n{line}\n", encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Triage.load(path, WORDS)
    assert refused.value.problems[0].startswith(f"flows/triage.yaml:{message}")
