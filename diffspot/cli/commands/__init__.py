"""The commands, one file each; what several of them share, or one needs much of, has a file of its own."""
