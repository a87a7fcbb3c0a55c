"""What reporters of the stories write. What it is about decides where it goes and how urgent it is."""

CHILDREN = "لاہور میں ایک گھر ہے جہاں کچھ ٹھیک نہیں"  # Lahore, P2
DANGER = "لاہور میں وہ اسے آج رات مار دیں گے خطرہ ہے"  # Lahore, P1
QUESTION = "لاہور میں ایک ایجنٹ ہے"  # Lahore; P3 once `world.triage("P3")`
KARACHI = "کراچی میں کارخانے میں بچوں سے کام"  # Karachi, P2
NOWHERE = "Ten people work in the cellar"  # no place: HQ's desk
OFFICIAL = ("1", "lahore", "1", "9", "1", "9", "2", "1")  # the answers that say: an official is in it
