"""PNG, which most pictures are: faster ways to its pixels than libpng's, and the encoder."""
