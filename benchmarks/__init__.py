"""What diffspot is measured with."""
