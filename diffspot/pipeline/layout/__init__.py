"""Layout shift: rows or columns inserted in or removed from a page, found and undone."""

from diffspot.pipeline.layout.bands import Band, Bands, Block, Stretch
from diffspot.pipeline.layout.ends import find_ends
from diffspot.pipeline.layout.find import find_bands, looks_rendered
from diffspot.pipeline.layout.rearrange import rearrange, rearrange_back
from diffspot.pipeline.layout.still import is_unmoved_page

__all__ = [
    "Band",
    "Bands",
    "Block",
    "Stretch",
    "find_bands",
    "find_ends",
    "is_unmoved_page",
    "looks_rendered",
    "rearrange",
    "rearrange_back",
]
