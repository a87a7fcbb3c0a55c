"""What a message says: from words, however they are spelt, to facts; and what it is like."""

from hotline.conversation.reading.examples import Example
from hotline.conversation.reading.reader import Reader, Reading
from hotline.conversation.reading.second import Opinion, SecondReader

__all__ = ["Example", "Opinion", "Reader", "Reading", "SecondReader"]
