"""Officers by phone alone: what they may send, and what they are told. Unknown senders learn nothing."""

from hotline.casework.phone.duty_phone import DutyPhone

__all__ = ["DutyPhone"]
