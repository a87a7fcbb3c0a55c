"""Who wrote, whether we may write to them, what waits to leave, and its sending."""
