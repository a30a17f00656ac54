"""What is asked of pictures that are no pair: where a crop lies, what frames share, which areas, what looks alike.

One file a question; each takes decoded pictures and numbers, opens no file, knows no flag and prints nothing.
"""
