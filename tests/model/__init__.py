"""`make model`: the second reader is made of flows/examples, and measured. What it becomes ships; this does not."""
