"""What a message says: from words, however they are spelt, to facts."""

from hotline.conversation.reading.reader import Reader, Reading

__all__ = ["Reader", "Reading"]
