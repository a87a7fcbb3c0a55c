"""The anti-trafficking hotline: from a text message to the officer on duty, around the clock."""
