// The regions of a pair as a table.

// Of rows and columns that only one picture has, how many: "40 inserted rows".
function kindInWords({ kind, bbox, candidate_bbox: other }) {
  const [action, lines] = kind.split("-");
  if (!lines) return kind;
  const side = lines === "rows" ? 3 : 2;
  return count(Math.max(bbox[side], other[side]), `${action} ${lines.slice(0, -1)}`);
}

const sizeWords = (width, height) => `${width} × ${height}${data.pxPerMm ? ` (${inMm(width)} × ${inMm(height)} mm)` : ""}`;
const inMillimetres = (words) => (data.pxPerMm ? el("span", { class: "mm" }, words()) : null);

function regionRow(region, index) {
  const [x, y, width, height] = region.bbox;
  const choose = el("button", { type: "button", "aria-label": `Show region ${index + 1}`, onclick: () => chooseRegion(index) }, String(index + 1));
  const cells = [
    [kindInWords(region)],
    [`${x}, ${y}`, inMillimetres(() => `${inMm(x)}, ${inMm(y)}`)],
    [`${width} × ${height}`, inMillimetres(() => `${inMm(width)} × ${inMm(height)}`)],
    [number(region.area), inMillimetres(() => areaInMm(region.area))],
    [rounded(region.severity)],
  ];
  return el("tr", { "data-index": index, title: `Score up to ${region.peak.toFixed(2)}, ${region.mean.toFixed(2)} in the mean`,
    onclick: (event) => { if (event.target !== choose) chooseRegion(index); } },
    el("th", { scope: "row" }, choose), ...cells.map((cell) => el("td", {}, ...cell)));
}

function regionTable(pair) {
  const titles = [["No."], ["Kind"], ["x, y", "mm"], ["w × h", "mm"], ["Area", "mm²"], ["Severity"]];
  const head = ([title, unit]) => el("th", { scope: "col" }, title, unit ? inMillimetres(() => unit) : null);
  return el("table", {}, el("caption", {}, "Regions"), el("thead", {}, el("tr", {}, ...titles.map(head))),
    el("tbody", {}, ...pair.regions.map(regionRow)));
}

/** Marks the chosen region in the table and says which it is. */
function showRegion() {
  const total = view.pair.regions.length;
  $("region-place").textContent = total ? `Region ${view.region < 0 ? "–" : view.region + 1} of ${total}` : "No regions";
  for (const row of $("details").querySelectorAll("tr[data-index]")) {
    const chosen = Number(row.dataset.index) === view.region;
    row.toggleAttribute("aria-current", chosen);
    if (chosen && $("facts").scrollHeight > $("facts").clientHeight) row.scrollIntoView({ block: "nearest" }); // not the page, below the pictures
  }
}
