"""The demo, which tests need too and a hotline in service does not: a local SMS gateway with phones to look at."""
