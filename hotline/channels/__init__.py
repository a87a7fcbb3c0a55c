"""Ways in and out: one file per provider behind one contract (`contract.py`)."""
