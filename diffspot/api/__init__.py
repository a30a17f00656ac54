"""The Python API: `pairs` compares, `questions` asks something of pictures that are no pair; `diffspot` names both."""
