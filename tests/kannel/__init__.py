"""A real Kannel, and a story in a network of its own."""
