// Pairs that were ticked, and the commands that accept or ignore them.

const ticked = new Set();
const ACCEPTED = ["different", "added", "removed", "renamed"];
const DELETING = ["removed", "renamed"];

/** A word as a POSIX shell takes it. */
const quoted = (word) => (/^[\w./:=@%+-]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`);
/** A name as a pattern that nothing else matches. */
const asGlob = (name) => name.replace(/[*?[]/g, "[$&]");

/** The folder of this page, which is the OUT of the run, wherever it lies now. */
function folder() {
  const path = decodeURIComponent(location.pathname).replace(/[^/]*$/, "").replace(/(.)\/$/, "$1");
  return quoted(/^\/[A-Za-z]:/.test(path) ? path.slice(1) : path);
}

function acceptCommand(chosen) {
  const taken = chosen.filter((pair) => ACCEPTED.includes(pair.status));
  const removed = taken.some((pair) => DELETING.includes(pair.status)) ? " --removed" : "";
  return taken.length ? `diffspot accept${removed} ${folder()} -- ${taken.map((pair) => quoted(asGlob(pair.name))).join(" ")}` : "";
}

function ignoreCommand(chosen, region = -1) {
  const one = region < 0 ? "" : ` --region ${region + 1}`;
  const taken = chosen.filter((pair) => pair.status === "different" && pair.regions.length);
  return taken.map((pair) => `diffspot ignore ${folder()} --pair=${quoted(pair.name)}${one} --write`).join(" &&\n");
}

/** Copies a command, and shows it, so that it is seen what was copied and can be copied by hand. */
function showCommand(command) {
  $("command").showModal();
  $("command-text").value = command;
  $("command-text").select();
  const said = (words) => { $("command-said").textContent = words; };
  const byHand = () => said(document.execCommand("copy") ? "Copied." : "Copy it from here.");
  said("");
  if (navigator.clipboard) navigator.clipboard.writeText(command).then(() => said("Copied."), byHand);
  else byHand();
}

const chosenPairs = () => listedFirst([...ticked]);
const listedFirst = (chosen) => chosen.sort((a, b) => a.index - b.index);

function tick(pair, on) {
  if (on) ticked.add(pair);
  else ticked.delete(pair);
  showTicked();
}

function showTicked() {
  const chosen = chosenPairs();
  $("ticked").hidden = !chosen.length;
  $("ticked-count").textContent = `${count(chosen.length, "pair")} ticked`;
  $("copy-accept").disabled = !acceptCommand(chosen);
  $("copy-ignore").disabled = !ignoreCommand(chosen);
}

function tickAll(on) {
  ticked.clear();
  if (on) for (const pair of listed) ticked.add(pair);
  showTicked();
  showRows();
}

function tickBox(pair, tabindex) {
  const box = el("input", { type: "checkbox", tabindex, "aria-label": `Tick ${pair.name}`, onchange: () => tick(pair, box.checked) });
  box.checked = ticked.has(pair);
  return el("label", { class: "tick" }, box);
}

function buildTicks() {
  $("copy-accept").addEventListener("click", () => showCommand(acceptCommand(chosenPairs())));
  $("copy-ignore").addEventListener("click", () => showCommand(ignoreCommand(chosenPairs())));
  $("tick-all").addEventListener("click", () => tickAll(true));
  $("tick-none").addEventListener("click", () => tickAll(false));
}
