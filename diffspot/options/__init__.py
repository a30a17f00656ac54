"""What a user can set, and where each value comes from."""
