"""The words that stand on drawn pages, and the one font they are set in."""

from __future__ import annotations

from functools import cache

from PIL import ImageFont

SENTENCES = (
    "Our seeds are grown without sprays on two farms near the coast.",
    "Water in the early morning, when the ground is still cool.",
    "Every order leaves our shed within a day of being placed.",
    "Plant bulbs three times as deep as they are tall.",
    "A light soil warms sooner and drains better after heavy rain.",
    "Choose a corner that gets the sun from noon until the evening.",
    "Hand tools last for decades when they are kept clean and dry.",
    "Cover young lettuce with fleece as long as nights are cold.",
    "Pinch out the tips once the plants carry four pairs of leaves.",
    "The workshop on pruning is full, but a second date will follow.",
    "Mulch keeps the moisture in and most of the weeds out.",
    "Ask us about peat free compost, sold loose or by the bag.",
    "Herbs on a kitchen sill need more light than one would think.",
    "We deliver bare root roses from November to the end of March.",
)
PRODUCTS = (
    "Hand trowel",
    "Linen gloves",
    "Rain gauge",
    "Seed trays",
    "Oak dibber",
    "Twine, 200 m",
    "Copper labels",
    "Pruning saw",
    "Watering can",
    "Cold frame",
)
REPLACEMENTS = (
    "autumn", "barley", "basil", "beans", "cherry", "clover", "copper", "damson", "fennel",
    "flowers", "garlic", "ginger", "gravel", "harvest", "hedge", "lemon", "linen", "meadow",
    "melon", "mint", "monday", "mustard", "onion", "orchard", "pepper", "plums", "potato",
    "radish", "spring", "summer", "thyme", "tomato", "trellis", "turnip", "walnut", "winter",
)  # fmt: skip


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font that Pillow carries inside it, at `size` px.

    The basic layout engine is always there; Raqm is not, and would place glyphs differently.

    Raises:
        OSError: Pillow was built without FreeType.
    """
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise OSError("Pillow was built without FreeType: install its wheel from PyPI")
    return found.font_variant(layout_engine=ImageFont.Layout.BASIC)


def text_width(text: str, size: int) -> float:
    """Return how far `text` moves the pen, px."""
    return font(size).getlength(text)
