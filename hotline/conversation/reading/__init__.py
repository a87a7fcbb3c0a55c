"""What a message says: from words, however they are spelt, to facts; and what it is like."""

from hotline.conversation.reading.examples import Example
from hotline.conversation.reading.reader import Evidence, Reader, Reading
from hotline.conversation.reading.second import Opinion, SecondReader

__all__ = ["Evidence", "Example", "Opinion", "Reader", "Reading", "SecondReader"]
