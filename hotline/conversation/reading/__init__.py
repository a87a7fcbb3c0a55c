"""What a message says: from words, however they are spelt, to facts."""

from hotline.conversation.reading.reader import Evidence, Reader, Reading

__all__ = ["Evidence", "Reader", "Reading"]
