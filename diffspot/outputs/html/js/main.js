// Keys, colours, and the start.

const PAN = 60; // px a press of Shift and an arrow moves

const KEYS = [
  ["↓ ↑ or j k", "List: next and previous pair; Enter opens it"],
  ["→ ←", "List: show and hide the pairs with the same change"],
  ["x", "List: tick a pair"],
  ["/", "Search"],
  ["→ ← or j k", "Viewer: next and previous pair"],
  ["n p", "Next and previous region"],
  [shownModes.map(([, { key }]) => key).join(" "), shownModes.map(([, { label }]) => label.toLowerCase()).join(", ")],
  ["Space", "Blink: swap the pictures by hand"],
  ["b", "Boxes on and off"],
  ["+ − 0 w z", "Zoom in, zoom out, whole picture, its width, one to one"],
  ["Shift and arrows", "Move the pictures"],
  ["t", "Light and dark"],
  ["?", "These keys"],
  ["Esc", "Back to the list"],
];

const always = { "?": () => $("help").showModal(), t: turnTheme };

const inViewer = {
  Escape: closePair,
  ArrowRight: () => stepPair(1),
  ArrowLeft: () => stepPair(-1),
  j: () => stepPair(1),
  k: () => stepPair(-1),
  n: () => $("region-next").click(),
  p: () => $("region-previous").click(),
  b: () => $("boxes").click(),
  "+": () => zoom(STEP),
  "=": () => zoom(STEP),
  "-": () => zoom(1 / STEP),
  0: () => fit(),
  w: () => fit("width"),
  z: () => $("zoom-full").click(),
};

const shifted = { ArrowRight: [-PAN, 0], ArrowLeft: [PAN, 0], ArrowDown: [0, -PAN], ArrowUp: [0, PAN] };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open || $("command").open) return;
  if (event.key.length === 1 && event.key !== " " && !$("single-keys").checked) return;
  const { target } = event;
  if (target.matches("input[type=checkbox]") && event.key === " ") return;
  if (target.matches("input[type=search], select")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
  if (handled(event)) event.preventDefault();
}

function handled(event) {
  const { key } = event;
  if (key in always) always[key]();
  else if ($("viewer").hidden) return listed.length ? inList(event) : key === "/" && toSearch();
  else return inView(event);
  return true;
}

function inList(event) {
  return event.key === "/" ? toSearch() : listKey(event);
}

function toSearch() {
  $("search").focus();
  $("search").select();
  return true;
}

function inView(event) {
  const { key } = event;
  const mode = Object.keys(MODES).find((one) => MODES[one].key === key);
  if (event.shiftKey && key in shifted) pan(...shifted[key]);
  else if (mode) $("modes").querySelector(`[data-mode=${mode}]`)?.click();
  else if (key === " " && view.mode === "blink" && !event.target.matches("button, input, a")) {
    stopBlinking();
    swap();
  } else if (key in inViewer) inViewer[key]();
  else return false;
  return true;
}

const isDark = () => {
  const chosen = document.documentElement.style.colorScheme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function setTheme(theme) {
  if (theme) document.documentElement.style.colorScheme = theme;
  $("theme").textContent = isDark() ? "Light" : "Dark";
  $("theme").setAttribute("aria-label", `Change to ${isDark() ? "light" : "dark"} colours`);
}

function turnTheme() {
  const theme = isDark() ? "light" : "dark";
  memory.set("theme", theme);
  setTheme(theme);
}

function buildHelp() {
  const terms = (rows) => rows.flatMap(([term, words]) => [el("dt", {}, term), el("dd", {}, words)]);
  $("keys").append(...terms(KEYS));
  $("options").append(...terms([
    ["diffspot", report.tool.version],
    ["took", `${number(report.times.seconds)} s`],
    ...Object.entries(report.options).map(([name, value]) => [`--${name.replaceAll("_", "-")}`, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  ]));
  $("help-open").addEventListener("click", always["?"]);
}

setTheme(["light", "dark"].includes(memory.get("theme")) ? memory.get("theme") : "");
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(""));
$("theme").addEventListener("click", turnTheme);
buildHelp();
buildFilters();
buildList();
buildTicks();
buildViewer();
$("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address after # names the pair
  $("main").focus();
});
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", route);
refresh();
route();
