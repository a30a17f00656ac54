// Which pairs are listed, and in what order.

const SORTS = {
  status: { label: "Status", compare: (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) },
  name: { label: "Name", compare: (a, b) => collator.compare(a.name, b.name) },
  regions: { label: "Most regions", compare: (a, b) => b.regions.length - a.regions.length },
  area: { label: "Largest area", compare: (a, b) => b.area - a.area },
  severity: { label: "Severity", compare: (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || (b.severity ?? 0) - (a.severity ?? 0) },
  trend: { label: "Trend", compare: (a, b) => isAlarming(b) - isAlarming(a) || (trendOf(b)?.course === "flaky") - (trendOf(a)?.course === "flaky") || Boolean(trendOf(b)) - Boolean(trendOf(a)) },
  input: { label: "Order of the run", compare: (a, b) => a.index - b.index },
};
const collator = new Intl.Collator("en", { numeric: true });

const wanted = { statuses: new Set(), text: "", sort: data.sort === "input" ? "status" : data.sort, grouped: true, open: new Set() };
let listed = []; // pairs that match, in order
let items = []; // the rows: {pair, more: pairs hidden behind it or null, member: whether it stands below another}

function refresh() {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  listed = pairs.filter(
    (pair) =>
      (!wanted.statuses.size || wanted.statuses.has(pair.status)) && words.every((word) => pair.text.includes(word)),
  );
  listed.sort((a, b) => SORTS[wanted.sort].compare(a, b) || a.index - b.index);
  items = wanted.grouped ? groupedItems() : listed.map((pair) => ({ pair, more: null, member: false }));
  showRows();
  sayCount();
}

/** Rows with each group gathered at its first pair, and shown whole where it is open. */
function groupedItems() {
  const members = new Map();
  for (const pair of listed) {
    if (!isGrouped(pair)) continue;
    if (members.has(pair.change)) members.get(pair.change).push(pair);
    else members.set(pair.change, [pair]);
  }
  const rows = [];
  for (const pair of listed) {
    const [first, ...rest] = members.get(pair.change) ?? [pair];
    if (first !== pair) continue;
    rows.push({ pair, more: rest.length ? rest : null, member: false });
    if (wanted.open.has(pair.change)) rows.push(...rest.map((one) => ({ pair: one, more: null, member: true })));
  }
  return rows;
}

const isGrouped = (pair) => pair.change !== null && groups.get(pair.change).length > 1;

function sayCount() {
  const shown = listed.length === pairs.length ? count(pairs.length, "pair") : `${number(listed.length)} of ${count(pairs.length, "pair")}`;
  const hidden = listed.length - items.length;
  $("count").textContent = hidden ? `${shown}, ${number(hidden)} more with the same change` : shown;
}

function buildFilters() {
  const counts = new Map(STATUSES.map((status) => [status, 0]));
  for (const pair of pairs) counts.set(pair.status, (counts.get(pair.status) ?? 0) + 1);
  const chip = (status, amount) =>
    el("button", { type: "button", class: "chip", "data-status": status, onclick: () => chooseStatus(status) },
      el("span", { class: "dot", "aria-hidden": "true" }), status, el("span", { class: "amount" }, number(amount)));
  $("statuses").append(chip("all", pairs.length));
  for (const [status, amount] of counts) if (amount) $("statuses").append(chip(status, amount));
  const sorts = Object.entries(SORTS).filter(([value]) => value !== "trend" || hasTrends);
  $("sort").append(...sorts.map(([value, sort]) => el("option", { value }, sort.label)));
  $("sort").value = wanted.sort;
  $("grouped").closest("label").hidden = ![...groups.values()].some((members) => members.length > 1);
  markStatuses();
  $("search").addEventListener("input", () => change({ text: $("search").value }));
  $("sort").addEventListener("change", () => change({ sort: $("sort").value }));
  $("grouped").addEventListener("change", () => change({ grouped: $("grouped").checked }));
  $("clear").addEventListener("click", showAll);
}

function change(choice) {
  Object.assign(wanted, choice);
  active = 0;
  $("scroller").scrollTop = 0;
  refresh();
}

function chooseStatus(status) {
  if (status === "all") wanted.statuses.clear();
  else if (!wanted.statuses.delete(status)) wanted.statuses.add(status);
  markStatuses();
  change({});
}

function markStatuses() {
  for (const chip of $("statuses").children) {
    const { status } = chip.dataset;
    const pressed = status === "all" ? !wanted.statuses.size : wanted.statuses.has(status);
    chip.setAttribute("aria-pressed", pressed);
  }
}

function showAll() {
  $("search").value = "";
  wanted.statuses.clear();
  markStatuses();
  change({ text: "" });
  $("search").focus();
}

function toggleGroup(pair) {
  if (!wanted.open.delete(pair.change)) wanted.open.add(pair.change);
  refresh();
  focusRow(items.findIndex((item) => item.pair === pair));
}
