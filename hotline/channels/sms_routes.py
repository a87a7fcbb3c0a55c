"""Two gateways for SMS: the one at home for Pakistani numbers, the other for all others."""

from dataclasses import dataclass

from hotline.channels import phone
from hotline.channels.contract import Outbound, Sender

HOME_CODE = "+92"


@dataclass(frozen=True, slots=True)
class SmsRoutes:
    """Two gateways as one. Short codes and names are the operator's own, so they go by the one at home."""

    home: Sender
    abroad: Sender

    def send(self, message: Outbound) -> str:
        """Hand over; returns the gateway's reference. Raises SendError."""
        foreign = phone.is_phone(message.address) and not phone.normalise(message.address).startswith(HOME_CODE)
        return (self.abroad if foreign else self.home).send(message)
