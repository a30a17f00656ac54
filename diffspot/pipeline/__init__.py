"""The pixels of a pair to its regions; opens no file, prints nothing."""
