"""Numbered boxes on a picture."""
