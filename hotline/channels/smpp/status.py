"""The meaning of the SMSC's answer to a submit_sm (SMPP 3.4, table 5-2).

=======================================================  =========  =======
status                                                   retryable  unknown
=======================================================  =========  =======
throttled, its queue is full                             yes        no       and we go slower
about us: bind, sender, our fields, its own trouble      yes        no       the operator can mend it
this number, this text: invalid, refused for good        no         no
one that no table knows (vendors' own)                   yes        no       refused for now
=======================================================  =========  =======
"""

from hotline.channels.contract import SendError

THROTTLED, QUEUE_FULL = 0x58, 0x14
SLOWER = frozenset({THROTTLED, QUEUE_FULL})
SLOW_DOWN = 5.0  # seconds before the next try

# message length, destination address, permanent error and reject of the receiver, delivery failure
_FOR_GOOD = frozenset({0x01, 0x0B, 0x65, 0x66, 0xFE})


def refusal(status: int, *, begun: bool = False) -> SendError:
    """Return the error of a status; `begun`: the SMSC has parts of the message already, which trying again doubles."""
    return SendError(
        f"smpp_{status:x}", retryable=status not in _FOR_GOOD, unknown=begun,
        wait=SLOW_DOWN if status in SLOWER else 0,
    )  # fmt: skip
