// What everything else stands on: the data, elements, words and numbers.

const data = JSON.parse(document.getElementById("data").textContent);
const report = data.report;

const STATUSES = ["error", "different", "added", "removed", "renamed", "same"];

/** A pair may be called "constructor" or another name that every object has. */
const trendOf = (pair) => (Object.hasOwn(data.trends, pair.name) ? data.trends[pair.name] : null);

const pairs = report.pairs.map((pair, index) => ({
  ...pair,
  index,
  shown: data.pictures[index],
  area: pair.regions.reduce((sum, region) => sum + region.area, 0),
  largest: pair.regions.reduce((most, region) => (most && most.area >= region.area ? most : region), null),
  text: `${pair.name}\n${pair.error ?? ""}\n${pair.notes.join("\n")}\n${pair.forgiven.map(({ cause }) => `forgiven ${cause}`).join("\n")}\n${trendOf(pair)?.course ?? ""}`.toLowerCase(),
}));

const byName = new Map(pairs.map((pair) => [pair.name, pair]));

const groups = new Map();
for (const pair of pairs) {
  if (pair.change) groups.set(pair.change, [...(groups.get(pair.change) ?? []), pair]);
}

const $ = (id) => document.getElementById(id);

/** An element; texts become text nodes, so nothing in them is ever taken for markup. */
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

const numberFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const number = (value) => numberFormat.format(value);
const count = (amount, noun) => `${number(amount)} ${noun}${amount === 1 ? "" : "s"}`;
const forgivenWords = ({ cause, pixels, places }) => `${cause}: ${number(pixels)} px in ${count(places, "place")}`;
const byPixels = (forgiven) => [...forgiven].sort((a, b) => b.pixels - a.pixels);
const inMm = (px) => number(Number((px / data.pxPerMm).toPrecision(4)));
const areaInMm = (px) => number(Number((px / data.pxPerMm ** 2).toPrecision(4)));
const percent = (share) => `${new Intl.NumberFormat("en", { maximumSignificantDigits: 2 }).format(100 * share)} %`;
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** Keeps a choice between visits, where the browser lets a page on the disk do that. */
const memory = {
  get(key) {
    try {
      return localStorage.getItem(`diffspot.${key}`);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`diffspot.${key}`, value);
    } catch {
      // a private window forgets; the page works all the same
    }
  },
};
