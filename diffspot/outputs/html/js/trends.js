// How pairs went over the runs of the history, where there is one.

const SVG = document.querySelector("svg").namespaceURI; // no address stands in the page
const SPARK = { width: 96, height: 28, dot: 0 };
const CHART = { width: 330, height: 84, dot: 3.5 };
const hasTrends = Object.keys(data.trends).length > 0;
const isAlarming = (pair) => Boolean(trendOf(pair)) && trendOf(pair).course !== "steady";

function svg(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The severities of a pair as a line, with a dot a run where there is room for them. */
function trendLine(trend, { width, height, dot }) {
  const edge = dot + 2;
  const most = Math.max(...trend.severities, 0) || 1;
  const step = (width - 2 * edge) / Math.max(1, trend.statuses.length - 1);
  const place = (severity, index) => [edge + step * index, height - edge - ((height - 2 * edge) * (severity ?? 0)) / most];
  const compared = trend.severities.map((severity, index) => ({ severity, place: place(severity, index) })).filter(({ severity }) => severity !== null);
  const line = svg("polyline", { points: compared.map((one) => one.place.join(",")).join(" ") });
  const dots = !dot ? [] : trend.statuses.flatMap((status, index) => {
    if (status === null) return [];
    const [cx, cy] = place(trend.severities[index], index);
    const said = svg("title", {}, `${data.runs[index].slice(0, 16).replace("T", " ")}: ${status}${trend.severities[index] ? `, severity ${number(trend.severities[index])}` : ""}`);
    return [svg("circle", { cx, cy, r: dot, "data-status": status }, said)];
  });
  return svg("svg", { class: "trend", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": trendWords(trend) },
    svg("line", { x1: edge, x2: width - edge, y1: height - edge, y2: height - edge }), line, ...dots);
}

const failedWords = ({ statuses }) => {
  const part = statuses.filter((status) => status !== null);
  return `not the same in ${part.filter((status) => status !== "same").length} of ${count(part.length, "run")}`;
};

function trendWords(trend) {
  const course = { flaky: "flaky: ", grows: `grows by ${number(trend.growth ?? 0)} a run: `, steady: "" }[trend.course];
  return course + failedWords(trend);
}

const courseBadge = (trend) => (trend.course === "steady" ? null : el("span", { class: "course", "data-course": trend.course }, trend.course));

function trendSection(pair) {
  const trend = trendOf(pair);
  return trend && el("section", { class: "history", "aria-label": "Trend" }, el("h2", {}, "Severity from run to run"), trendLine(trend, CHART),
    el("p", { class: "dim" }, trendWords(trend)));
}
