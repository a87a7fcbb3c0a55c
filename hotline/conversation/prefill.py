"""Slot filling: what own words say of questions to come (a place, a number of people), to be confirmed, never assumed."""

from collections.abc import Mapping

from hotline.conversation.engine import Notice
from hotline.conversation.letters import normalise
from hotline.conversation.places import Places
from hotline.conversation.places.tables import Place
from hotline.conversation.words import Words

MAX_NAME = 2  # words of a place that is all that was said
MAX_DIGITS = 3  # of a number of people
_PEOPLE = frozenset(
    normalise(
        "people persons men women workers labourers girls boys children kids families log logon afrad mazdoor mazdur larkian"
        " larkiyan larke larkay bachay bache bachon aurten auratein mard khandan manhu manho chokriyun chokra baran"
        " لوگ لوگوں افراد مزدور لڑکیاں لڑکے بچے بچوں عورتیں مرد خاندان ماڻهو ڇوڪريون ڇوڪرا ٻار عورتون"
    ).split(" ")
)


def notice(places: Places, words: Words) -> Notice:
    """The function that the engine asks of every message in own words: (text, language) -> field -> what to show."""
    numbers = {name: str(number) for number in range(2, 11) for name in words.variants[f"N{number}"]}

    def found(text: str, language: str) -> Mapping[str, str]:
        place, people = _place(places, text), _people(text, numbers)
        return {
            **({"place": place.called(language)} if place is not None else {}),
            **({"people": people} if people else {}),
        }

    return found


def _place(places: Places, text: str) -> Place | None:
    """The place that is named in passing, or that a word or two are."""
    place = places.mention(text)
    return places.mention(f"{text} mein") if place is None and text.count(" ") < MAX_NAME else place


def _people(text: str, numbers: Mapping[str, str]) -> str | None:
    """The number, more than one, that stands before a word for people, with one word between them at most."""
    tokens = normalise(text).split(" ")
    for position, token in enumerate(tokens):
        number = token if token.isdecimal() and len(token) <= MAX_DIGITS else numbers.get(token)
        if number and int(number) > 1 and not _PEOPLE.isdisjoint(tokens[position + 1 : position + 3]):
            return number
    return None
