"""Layout shift: rows or columns inserted in or removed from a page, found and undone."""

from diffspot.pipeline.layout.bands import Band, Bands, Block, Stretch
from diffspot.pipeline.layout.find import find_bands
from diffspot.pipeline.layout.rearrange import rearrange, rearrange_back
from diffspot.pipeline.layout.rendered import looks_rendered
from diffspot.pipeline.layout.still import lies_still

__all__ = [
    "Band",
    "Bands",
    "Block",
    "Stretch",
    "find_bands",
    "lies_still",
    "looks_rendered",
    "rearrange",
    "rearrange_back",
]
