"""The channels: ways in and out, a file or folder per provider behind one contract (`contract.py`)."""
