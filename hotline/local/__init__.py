"""One machine that runs everything: the supervisor, the demo and its phones."""
