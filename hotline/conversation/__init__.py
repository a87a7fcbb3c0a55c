"""The conversation: what is asked, what is understood, what is said. Pure: no I/O after loading, no clock."""
