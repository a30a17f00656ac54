"""The command line: flags to Options to run to exit code."""
