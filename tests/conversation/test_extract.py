"""Texts on their way from the flows to the translators."""

from io import BytesIO

from hotline.conversation.extract import flows

FLOW = """\
steps:
  a:
    ask: Question
    choices:
      - {say: Red, value: red}
      - {say: اردو, language: ur}
    next: b
  b:
    say: Bye
rules:
  - {when: {kind: tip}, reason: Because}
indicators:
  - {id: a, fact: A fact, when: [{kind: tip}]}
referrals:
  - {consider: Somebody, when: [{kind: tip}]}
"""


def test_texts_come_in_order_with_the_place_where_they_are_used() -> None:
    file = BytesIO(FLOW.encode())
    file.name = "flows/tip.yaml"
    assert [(line, text, notes) for line, _, text, notes in flows(file, {}, [], {})] == [
        (3, "Question", ["tip a"]),
        (5, "Red", ["tip a choices 1"]),
        (9, "Bye", ["tip b"]),
        (11, "Because", ["tip rules 1"]),
        (13, "A fact", ["tip indicators 1"]),
        (15, "Somebody", ["tip referrals 1"]),
    ]


def test_an_empty_file_has_no_texts() -> None:
    assert list(flows(BytesIO(b""), {}, [], {})) == []
