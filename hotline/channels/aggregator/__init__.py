"""SMS aggregators that speak plain HTTP: one channel, a mapping file for each aggregator."""
