"""`python -m diffspot` and the `diffspot` command."""

from diffspot.cli import main

if __name__ == "__main__":
    main()
