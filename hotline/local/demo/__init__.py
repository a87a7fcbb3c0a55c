"""What the demo and the tests need and a hotline in service does not: a local SMS gateway with phones to look at."""
