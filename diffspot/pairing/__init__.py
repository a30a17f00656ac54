"""From what the user names to ordered pairs of picture files."""
