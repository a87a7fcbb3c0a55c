"""SMS by a Kannel gateway."""
