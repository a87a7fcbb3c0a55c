"""Texts that the hotline sends outside a flow. English is the msgid; `render` and `i18n.translate` find the rest.

All of them may arrive on a phone that somebody else holds: they name no service, agency, place, person or crime.
"""


def N_(text: str) -> str:  # noqa: N802  the name that Babel looks for
    """Marks a text for extraction and returns it unchanged."""
    return text


# Translators: the first answer to a message that already says something
ACKNOWLEDGED = N_("We have your message. It is with our staff.")
# Translators: the answer to any later message
ADDED = N_("Thank you. We have added this.")
# Translators: the whole answer to somebody who may not be alone with the phone
NEUTRAL = N_("OK. Thank you.")
# Translators: status, after the person sent the code
STATUS_RECEIVED = N_("Your message is with our staff.")
# Translators: status, after the person sent the code
STATUS_TAKEN = N_("A member of staff has taken it up.")
# Translators: status, after the person sent the code
STATUS_CLOSED = N_("It is closed. You can still write more here.")
# Translators: the code is not one of ours
CODE_UNKNOWN = N_("This code is not known. Check the digits, or write your message.")
# Translators: too many wrong codes; messages are still taken
TOO_MANY_TRIES = N_("Too many codes. Please try later. You can still write a message.")
# Translators: in front of a question that is asked again
HINT = N_("Send a number, or use your own words.")
# Translators: label of number 9
SKIP = N_("Skip")
