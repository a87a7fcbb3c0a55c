"""The conversation: what is asked, what is understood, what is said. Pure: no I/O after loading, no clock."""

from hotline.conversation import buttons, discretion, engine, hours, language, placenames, places, talk, texts
from hotline.conversation.engine import Notice
from hotline.conversation.flow import Flows, Node
from hotline.conversation.hours import Hours
from hotline.conversation.letters import normalise
from hotline.conversation.places.finder import Ambiguous, Places
from hotline.conversation.places.tables import Place
from hotline.conversation.prefill import notice
from hotline.conversation.reading import Opinion, SecondReader
from hotline.conversation.rendering import legible, render, tongue_of
from hotline.conversation.schema import HELP, NOT_FLOWS, START
from hotline.conversation.screens import MORE, pages
from hotline.conversation.turn import Effect, Say, Session, Turn
from hotline.conversation.words import Words

__all__ = [
    "HELP", "MORE", "NOT_FLOWS", "START", "Ambiguous", "Effect", "Flows", "Hours", "Node", "Notice", "Opinion", "Place",
    "Places", "Say", "SecondReader", "Session", "Turn", "Words", "buttons", "discretion", "engine", "hours", "language",
    "legible", "normalise", "notice", "pages", "placenames", "places", "render", "talk", "texts", "tongue_of",
]  # fmt: skip
