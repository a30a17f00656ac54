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
  return el("li", {}, el("button", { type: "button", class: "link", onclick: () => lookAtForgiven(one) },
    `${forgivenWords(one)}, the largest ${width} × ${height} at ${x}, ${y}`));
}

function facts(pair) {
  const { registration: way, normalization: light } = pair;
  const score = (value) => value.toFixed(3);
  return [
    ["Size", pair.size && `${pair.size[0]} × ${pair.size[1]} px${data.pxPerMm ? `, ${inMm(pair.size[0])} × ${inMm(pair.size[1])} mm` : ""}`],
    ["Severity", pair.severity ? `${rounded(pair.severity)}, score up to ${Math.max(...pair.regions.map(({ peak }) => peak)).toFixed(2)}` : null],
    ["Regions", pair.regions.length ? `${number(pair.regions.length)}, ${number(pair.area)} px${data.pxPerMm ? `, ${areaInMm(pair.area)} mm²` : ""}${pair.size ? ` (${percent(pair.area / (pair.size[0] * pair.size[1]))})` : ""}` : null],
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
    isLayout(pair) && el("p", { class: "note" }, "Rows or columns were inserted or removed, so no one shift fits the whole picture. In the difference each stretch lies where it belongs; elsewhere the candidate is laid over unmoved, or at the chosen region."),
    el("dl", { class: "facts" }, ...facts(pair).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    trendSection(pair),
    pair.notes.length ? el("ul", { class: "notes" }, ...pair.notes.map((note) => el("li", {}, note))) : null,
    pair.regions.length ? regionTable(pair) : null,
    files(pair),
    isGrouped(pair) ? alike(pair) : null,
  ];
  $("details").replaceChildren(...parts.filter(Boolean));
  $("facts").scrollTop = 0;
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

const ALIKE = 20; // links shown at most

function alike(pair) {
  const others = groups.get(pair.change).filter((other) => other !== pair);
  const link = (other) => el("li", {}, el("a", { href: `#pair=${encodeURIComponent(other.name)}` }, other.name));
  return el("section", { "aria-label": "The same change" }, el("h2", {}, `The same change in ${count(others.length, "other pair")}`),
    el("ul", { class: "alike" }, ...others.slice(0, ALIKE).map(link)),
    others.length > ALIKE ? el("p", {}, `and ${number(others.length - ALIKE)} more`) : "");
}
