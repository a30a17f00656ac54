"""The page of a small shop, as it was and as it is, for the picture that README.md begins with."""

from __future__ import annotations

STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #1d2530; background: #f6f4ef; width: 620px }
header { display: flex; align-items: center; gap: 22px; padding: 18px 28px; background: #1d3b36; color: #f6f4ef }
header b { font-size: 21px; letter-spacing: .5px; margin-right: auto }
header span { opacity: .8 }
.basket { background: #e3b04b; color: #1d2530; border-radius: 14px; padding: 3px 13px; opacity: 1 }
.offer { background: #b7422f; color: white; padding: 11px 28px }
main { padding: 24px 28px 30px }
h1 { font: 27px/1.2 Georgia, "DejaVu Serif", serif; margin-bottom: 4px }
.lead { color: #5d6570; margin-bottom: 20px }
.cards { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px }
.card { background: white; border: 1px solid #e4dfd4; border-radius: 10px; padding: 12px }
.shape { height: 92px; border-radius: 7px; margin-bottom: 11px; display: grid; place-items: center;
  background: var(--soft) }
.shape i { width: 46px; height: 46px; background: var(--strong); border-radius: var(--round) }
.price { display: flex; justify-content: space-between; margin-top: 9px; align-items: center }
.price b { font-size: 17px }
.tag { font-size: 12px; color: #5d6570 }
button { border: 0; border-radius: 7px; background: #1d3b36; color: white; padding: 5px 12px; font: inherit;
  font-size: 13px }
footer { border-top: 1px solid #e4dfd4; padding: 14px 28px; color: #5d6570; font-size: 13px }
"""
GOODS = (
    ("Stoneware bowl", "14.50", "#f3e3d3", "#b7743f", "50%", "In stock"),
    ("Oak tray", "32.00", "#e8e6d6", "#7d8b52", "8px", "In stock"),
    ("Linen towel", "18.00", "#dfe8ec", "#4f7f93", "2px", "3 left"),
    ("Glass carafe", "24.90", "#e4eee9", "#3f8f74", "40% 40% 10% 10%", "In stock"),
    ("Brass spoon", "9.80", "#f5eccb", "#c9a227", "50% 50% 12% 12%", "In stock"),
    ("Wool blanket", "89.00", "#eee0e6", "#a2547a", "14px", "Sold out"),
)


def before() -> str:
    """The page as it ought to be."""
    return _page(GOODS, offer="", basket="Basket (2)")


def after() -> str:
    """The same page with an offer above all, a price and a note that changed, and a mark of another colour."""
    bowl, tray, (towel, _, soft, strong, form, _), (carafe, price, pale, _, drop, stock), *others = GOODS
    goods = (
        bowl,
        tray,
        (towel, "19.50", soft, strong, form, "In stock"),
        (carafe, price, pale, "#8f3f5f", drop, stock),
    )
    return _page((*goods, *others), offer='<p class="offer">Free delivery until Sunday</p>', basket="Basket (2)")


def _page(goods: tuple[tuple[str, ...], ...], *, offer: str, basket: str) -> str:
    cards = "".join(
        f'<div class="card" style="--soft:{soft};--strong:{strong};--round:{form}"><div class="shape"><i></i></div>'
        f'{name}<p class="tag">{note}</p><p class="price"><b>{price}</b><button>Add</button></p></div>'
        for name, price, soft, strong, form, note in goods
    )
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>"
        "<header><b>Hearth &amp; Table</b><span>New</span><span>Kitchen</span>"
        f'<span class="basket">{basket}</span></header>'
        f'{offer}<main><h1>Made to be used</h1><p class="lead">Small workshops, short ways, things that last.</p>'
        f'<div class="cards">{cards}</div></main><footer>Returns within 30 days. Prices include VAT.</footer>'
    )
