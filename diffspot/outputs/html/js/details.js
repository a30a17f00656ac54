// What is known of a pair, in words and numbers.

/** How a candidate was laid over its reference, in a few words. */
function describe({ method, matrix }) {
  if (method === "none") return "lies as it is";
  if (method === "layout") return "rows or columns inserted or removed";
  const [[a, b, dx], [c, d, dy]] = matrix;
  const parts = [];
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  const turn = (Math.atan2(c - b, a + d) * 180) / Math.PI;
  if (Math.abs(scale - 1) >= 0.0005) parts.push(`scaled by ${scale.toFixed(3)}`);
  if (Math.abs(turn) >= 0.005) parts.push(`turned by ${turn.toFixed(2)}°`);
  parts.push(`moved by ${number(dx)}, ${number(dy)} px`);
  return parts.join(", ");
}

function forgivenItem(one) {
  const [x, y, width, height] = one.largest;
  return el("li", {}, `${forgivenWords(one)}, the largest ${width} × ${height} at ${x}, ${y}`);
}

function facts(pair) {
  const { registration: way, normalization: light } = pair;
  const score = (value) => value.toFixed(3);
  return [
    ["Size", pair.size && `${pair.size[0]} × ${pair.size[1]} px`],
    ["Regions", pair.regions.length ? `${number(pair.regions.length)}, ${number(pair.area)} px${pair.size ? ` (${percent(pair.area / (pair.size[0] * pair.size[1]))})` : ""}` : null],
    ["Ignored", pair.ignored ? `${percent(pair.ignored)} of the reference` : null],
    ["Forgiven", pair.forgiven.length ? el("ul", {}, ...byPixels(pair.forgiven).map(forgivenItem)) : null],
    ["Threshold", pair.threshold === null ? null : score(pair.threshold)],
    ["Tolerance", pair.tolerance === null ? null : `${pair.tolerance} px`],
    ["Registration", way && `${way.method}: ${describe(way)}`],
    ["Confidence", way && `${percent(way.confidence)}, overlap ${percent(way.overlap)}`],
    ["Rules", pair.options && Object.entries(pair.options).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")],
    ["Light", light && `gain ${light.gain.map(score).join(", ")}; offset ${light.offset.map((value) => value.toFixed(1)).join(", ")}`],
  ].filter(([, value]) => value);
}

function showDetails(pair) {
  const parts = [
    pair.error && el("p", { class: "error" }, pair.error),
    isLayout(pair) && el("p", { class: "note" }, "Rows or columns were inserted or removed, so no one shift fits the whole picture: the candidate is laid over unmoved, and at the chosen region where one is chosen."),
    el("dl", { class: "facts" }, ...facts(pair).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    pair.notes.length ? el("ul", { class: "notes" }, ...pair.notes.map((note) => el("li", {}, note))) : null,
    files(pair),
    pair.regions.length ? regionTable(pair) : null,
    isGrouped(pair) ? alike(pair) : null,
  ];
  $("details").replaceChildren(...parts.filter(Boolean));
  $("details").scrollTop = 0;
}

function files(pair) {
  const link = (side) => {
    const words = side === "annotated" ? pair.annotated : pair[side];
    if (!words) return [];
    const shown = pair.shown[side];
    return [el("dt", {}, side), el("dd", {}, shown ? el("a", { href: shown, target: "_blank", rel: "noopener" }, words) : words)];
  };
  return el("dl", { class: "facts" }, ...[...SIDES, "annotated"].flatMap(link));
}

// Of rows and columns that only one picture has, how many: "40 inserted rows".
function kindInWords({ kind, bbox, candidate_bbox: other }) {
  const [action, lines] = kind.split("-");
  if (!lines) return kind;
  const side = lines === "rows" ? 3 : 2;
  const count = Math.max(bbox[side], other[side]);
  return `${count} ${action} ${count === 1 ? lines.slice(0, -1) : lines}`;
}

function regionTable(pair) {
  const titles = ["No.", "Kind", "x, y", "w × h", "Area", "Peak"];
  const row = (region, index) => {
    const [x, y, width, height] = region.bbox;
    const choose = el("button", { type: "button", "aria-label": `Show region ${index + 1}`, onclick: () => chooseRegion(index) }, String(index + 1));
    const cells = [kindInWords(region), `${x}, ${y}`, `${width} × ${height}`, number(region.area), region.peak.toFixed(2)];
    return el("tr", { "data-index": index, onclick: (event) => { if (event.target !== choose) chooseRegion(index); } },
      el("th", { scope: "row" }, choose), ...cells.map((cell) => el("td", {}, cell)));
  };
  return el("table", {}, el("caption", {}, "Regions"), el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, ...pair.regions.map(row)));
}

const ALIKE = 20; // links shown at most

function alike(pair) {
  const others = groups.get(pair.change).filter((other) => other !== pair);
  const link = (other) => el("li", {}, el("a", { href: `#pair=${encodeURIComponent(other.name)}` }, other.name));
  return el("section", { "aria-label": "The same change" }, el("h2", {}, `The same change in ${count(others.length, "other pair")}`),
    el("ul", { class: "alike" }, ...others.slice(0, ALIKE).map(link)),
    others.length > ALIKE ? el("p", {}, `and ${number(others.length - ALIKE)} more`) : "");
}

/** Marks the chosen region in the table and says which it is. */
function showRegion() {
  const total = view.pair.regions.length;
  $("region-place").textContent = total ? `Region ${view.region < 0 ? "–" : view.region + 1} of ${total}` : "No regions";
  for (const row of $("details").querySelectorAll("tr[data-index]")) {
    const chosen = Number(row.dataset.index) === view.region;
    row.toggleAttribute("aria-current", chosen);
    if (chosen) row.scrollIntoView({ block: "nearest" });
  }
}
