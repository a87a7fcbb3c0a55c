"""What the public sends becomes a report and an answer."""
