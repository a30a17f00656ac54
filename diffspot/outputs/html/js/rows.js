// The rows of the list. Only those in sight are in the page, so that thousands cost what dozens do.

let rowHeight = 76; // px, --row in list.css
const SPARE = 6; // rows kept above and below what is in sight
const THUMB = { width: 112, height: 60 }; // px, as in list.css
const CONTEXT = 0.3; // share of the picture's width that a thumbnail shows at least
const SHARPEST = 2; // times that a thumbnail magnifies at most

const drawn = new Map(); // from item to its row
let active = 0; // the row that the keyboard is on

function showRows() {
  for (const row of drawn.values()) row.remove();
  drawn.clear();
  active = clamp(active, 0, Math.max(0, items.length - 1));
  $("rows").style.height = `${items.length * rowHeight}px`;
  $("none").hidden = items.length > 0;
  drawRows();
}

/** Rows are higher on a phone; where that changes, all are laid out anew. */
function resizeList() {
  const height = parseFloat(getComputedStyle($("list")).getPropertyValue("--row"));
  if (height === rowHeight) return drawRows();
  rowHeight = height;
  return showRows();
}

function drawRows() {
  const scroller = $("scroller");
  const first = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - SPARE);
  const last = Math.min(items.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / rowHeight) + SPARE);
  const keep = new Set([active]);
  for (let index = first; index < last; index += 1) keep.add(index);
  for (const [index, row] of drawn) {
    if (keep.has(index)) continue;
    row.remove();
    drawn.delete(index);
  }
  for (const index of [...keep].sort((a, b) => a - b)) {
    if (!drawn.has(index) && items[index]) place(index);
  }
}

/** Puts a row where reading order has it, so that a screen reader meets the rows in order. */
function place(index) {
  const row = buildRow(items[index], index);
  row.style.top = `${index * rowHeight}px`;
  const after = [...drawn.keys()].filter((other) => other > index);
  $("rows").insertBefore(row, after.length ? drawn.get(Math.min(...after)) : null);
  drawn.set(index, row);
}

function buildRow({ pair, more, member }, index) {
  const slash = pair.name.lastIndexOf("/") + 1;
  const stop = index === active ? "0" : "-1";
  const link = el("a", { class: "name", href: `#pair=${encodeURIComponent(pair.name)}`, tabindex: stop, title: pair.name, "aria-label": pair.name },
    el("span", { class: "folder" }, pair.name.slice(0, slash)), el("span", { class: "file" }, pair.name.slice(slash)));
  const trend = trendOf(pair);
  return el("li", { class: `row${member ? " member" : ""}`, "aria-setsize": items.length, "aria-posinset": index + 1 },
    tickBox(pair, stop), thumbnail(pair, "reference"), thumbnail(pair, "candidate"),
    el("div", { class: "words" }, link, el("p", { class: "what" }, pair.error ?? summary(pair)), more && expander(pair, more, stop)),
    hasTrends && el("span", { class: "course-cell" }, ...(trend ? [trendLine(trend, SPARK), courseBadge(trend)] : []).filter(Boolean)),
    badge(pair.status),
    figure(pair.regions.length, number, "regions"),
    figure(pair.severity, rounded, "severity"));
}

const figure = (value, written, unit) => el("span", { class: "number" }, value ? written(value) : "", el("span", { class: "unseen" }, ` ${unit}`));
const rounded = (value) => number(value < 100 ? Number(value.toFixed(1)) : Math.round(value));
const badge = (status) => el("span", { class: "badge", "data-status": status }, status);

/** A line on what was found: where the largest change lies, what was forgiven, or what was done to the pictures. */
function summary(pair) {
  const parts = [];
  if (pair.largest) {
    const [x, y, width, height] = pair.largest.bbox;
    const what = pair.largest.kind.includes("-") ? kindInWords(pair.largest) : sizeWords(width, height);
    parts.push(`${pair.regions.length > 1 ? "largest " : ""}${what} at ${x}, ${y}`);
  }
  if (pair.registration && pair.registration.method !== "none") parts.push(describe(pair.registration));
  if (pair.forgiven.length) parts.push(`forgiven ${byPixels(pair.forgiven).map(forgivenWords).join(", ")}`);
  return [...parts, ...pair.notes].join(" · ");
}

function expander(pair, more, tabindex) {
  const open = wanted.open.has(pair.change);
  return el("button", { type: "button", class: "more", "aria-expanded": String(open), tabindex, onclick: () => toggleGroup(pair) },
    `${open ? "Hide" : "Show"} ${number(more.length)} more with the same change`);
}

/** A look at the largest change, or at the whole picture. */
function thumbnail(pair, side) {
  const box = el("span", { class: "thumb", "aria-hidden": "true" });
  const source = pair.shown[side];
  if (!source) return box;
  const image = el("img", { alt: "", decoding: "async", src: source, onerror: () => image.remove() });
  if (pair.largest && pair.size) lookAt(image, pair.largest[side === "reference" ? "bbox" : "candidate_bbox"], pair.size);
  else image.className = "whole";
  box.append(image);
  return box;
}

function lookAt(image, [x, y, width, height], size) {
  const context = CONTEXT * Math.min(size[0], (size[1] * THUMB.width) / THUMB.height);
  const whole = Math.min(THUMB.width / size[0], THUMB.height / size[1]);
  const close = Math.min(THUMB.width / Math.max(width * 1.25, context), THUMB.height / (height * 1.25));
  const scale = Math.min(Math.max(whole, close), SHARPEST);
  const from = (start, length, all, seen) => (all < seen ? (all - seen) / 2 : clamp(start + length / 2 - seen / 2, 0, all - seen));
  const left = from(x, width, size[0], THUMB.width / scale);
  const top = from(y, height, size[1], THUMB.height / scale);
  image.style.transform = `scale(${scale}) translate(${-left}px, ${-top}px)`;
}

/** Makes a row the one that Tab reaches. */
function mark(index) {
  const stops = (row, stop) => row?.querySelectorAll("a, button, input").forEach((part) => part.setAttribute("tabindex", stop));
  stops(drawn.get(active), "-1");
  active = clamp(index, 0, Math.max(0, items.length - 1));
  stops(drawn.get(active), "0");
}

function focusRow(index) {
  const scroller = $("scroller");
  mark(index);
  scroller.scrollTop = clamp(scroller.scrollTop, (active + 1) * rowHeight - scroller.clientHeight, active * rowHeight);
  drawRows();
  drawn.get(active)?.querySelector("a").focus({ preventScroll: true });
}

function listKey(event) {
  const pair = items[active]?.pair;
  const steps = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: 8, PageUp: -8 };
  if (event.key in steps) focusRow(active + steps[event.key]);
  else if (event.key === "x") drawn.get(active)?.querySelector("input").click();
  else if (event.key === "Home") focusRow(0);
  else if (event.key === "End") focusRow(items.length - 1);
  else if (["ArrowRight", "ArrowLeft"].includes(event.key) && items[active]?.more) {
    if (wanted.open.has(pair.change) === (event.key === "ArrowLeft")) toggleGroup(pair);
    focusRow(active);
  } else return false;
  return true;
}

function buildList() {
  $("scroller").addEventListener("scroll", drawRows, { passive: true });
  $("rows").addEventListener("focusin", (event) => {
    const row = event.target.closest("li");
    const index = [...drawn.keys()].find((key) => drawn.get(key) === row);
    if (index !== active) mark(index);
  });
  new ResizeObserver(resizeList).observe($("scroller"));
}
