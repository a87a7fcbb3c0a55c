"""Places: the way from what people write to a district of Pakistan, or a country abroad."""

from hotline.conversation.places.finder import Ambiguous, Places
from hotline.conversation.places.tables import Place

__all__ = ["Ambiguous", "Place", "Places"]
