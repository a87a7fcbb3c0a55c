"""Texts that the hotline sends outside a flow. English is the msgid; `render` and `i18n.translate` find the rest.

All of them may arrive on a phone that somebody else holds: they name no service, agency, place, person or crime.
"""

from hotline.core.i18n import N_

# Translators: the first answer to a message that already says something
ACKNOWLEDGED = N_("We have your message.")
# Translators: the answer to any later message
ADDED = N_("Thank you. We have added this.")
# Translators: a picture or a voice message was lost on its way; says nothing of what it was
NOT_ARRIVED = N_("That did not arrive. Please send it again.")
# Translators: a picture, a voice message or a film was too large; says nothing of what it was
WAS_TOO_LARGE = N_("That was too large. Please send a shorter or smaller one.")
# Translators: in front of a question that an officer wrote; says nothing of who we are
STAFF_ASKS = N_("Our staff asks:")
# Translators: the whole answer to somebody who may not be alone with the phone
NEUTRAL = N_("OK. Thank you.")
# Translators: status, after the person sent the code
STATUS_RECEIVED = N_("Your message is with our staff.")
# Translators: status, after the person sent the code
STATUS_TAKEN = N_("Our staff is working on it.")
# Translators: status, after the person sent the code: an inquiry was opened
STATUS_INQUIRY = N_("Our work on it goes on. You can write here at any time.")
# Translators: status, after the person sent the code
STATUS_CLOSED = N_("Our work on it has ended. You can write here at any time.")
# Translators: the code is not one of ours
CODE_UNKNOWN = N_("We could not find this code. Please check it, or write your message.")
# Translators: too many wrong codes; messages are still taken
TOO_MANY_TRIES = N_("The code was wrong too often. Try later. You can always write a message.")
# Translators: asked before anything is said, where the person chose a word that only they know
CHECK_WORD = N_("Please send the word that you chose.")
# Translators: stands in place of a code that was sent before
CODE_KNOWN = N_("(the one you have)")
# Translators: {name}, {city}, {licence} and {date} come from the operator's list of employment agents
AGENT_LICENSED = N_(
    "{name}, {city}: licensed by our list of {date}. Ask to see licence {licence}. Pay only against a receipt."
)
# Translators: {name} and {date} come from the operator's list of fake employment agents
AGENT_FAKE = N_("{name}: on our list of fake agents of {date}. Do not pay, do not hand over your passport.")
# Translators: the employment agent that somebody asked about stands on no list
AGENT_UNKNOWN = N_("Not in our list of licensed agents of {date}. Ask for the licence, do not pay without receipt.")
# Translators: somebody asked about an employment agent, and there is no list
AGENT_NO_LIST = N_("We have no list of agents here. Ask for the licence, do not pay without receipt.")
# Translators: in front of a question that is asked again
HINT = N_("Send 1, 2 or words.")
# Translators: label of number 9
SKIP = N_("Skip")
# Translators: answer 1 to "Kasur. Is it there?"
RIGHT = N_("Yes, right")
# Translators: answer 2 to "Kasur. Is it there?"
NOT_RIGHT = N_("No")
# Translators: on the button that opens the list of answers on WhatsApp; at most 20 characters
CHOOSE = N_("Choose")
# Translators: label of number 99, where the rest of a long text is on the next screen
READ_ON = N_("Read on")
# Translators: in front of a question after a break of some hours
WHERE_WE_WERE = N_("We go on:")
