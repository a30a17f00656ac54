// The viewer: one pair at a time, opened by the address after #.

function openPair(pair) {
  const first = $("viewer").hidden;
  $("list").hidden = true;
  $("viewer").hidden = false;
  view.pair = pair;
  view.region = -1;
  view.forgiven = null;
  for (const button of $("modes").children) button.disabled = !canShow(pair, button.dataset.mode);
  for (const id of ["region-previous", "region-next"]) $(id).disabled = !pair.regions.length;
  $("pair-name").textContent = pair.name;
  document.title = `${pair.name} – diffspot report`;
  $("pair-status").textContent = pair.status;
  $("pair-status").dataset.status = pair.status;
  buildPanes(pair);
  showDetails(pair);
  $("copy-pair-accept").disabled = !acceptCommand([pair]);
  $("copy-pair-ignore").disabled = !ignoreCommand([pair]);
  setMode(canShow(pair, chosenMode) ? chosenMode : "side", { keep: false });
  fitFirst();
  showRegion();
  showPlace();
  if (first) $("pair-name").focus();
  else say(`${pair.name}: ${pair.status}, ${count(pair.regions.length, "region")}`);
}

/** Whether there is what a mode shows of a pair. */
const canShow = (pair, mode) => mode === "side" || (MAPS.includes(mode) ? Boolean(pair.shown[mode]) : hasBoth(pair));

const turns = () => items.map((item) => item.pair);

function showPlace() {
  const place = turns().indexOf(view.pair);
  $("pair-place").textContent = place < 0 ? `– of ${number(items.length)}` : `${number(place + 1)} of ${number(items.length)}`;
  $("pair-previous").disabled = place === 0;
  $("pair-next").disabled = place === items.length - 1;
}

function stepPair(by) {
  const order = turns();
  const next = order[order.indexOf(view.pair) + by];
  if (!next) return;
  history.replaceState(null, "", `#pair=${encodeURIComponent(next.name)}`);
  openPair(next);
}

function closePair() {
  location.hash = "";
  route();
}

function showList() {
  const pair = view.pair;
  view.pair = null;
  stopBlinking();
  stage.replaceChildren();
  $("viewer").hidden = true;
  $("list").hidden = false;
  document.title = "diffspot report";
  if (pair) focusRow(Math.max(0, turns().indexOf(pair)));
  else drawRows();
}

/** Shows what the address asks for. */
function route() {
  const [, name] = /^#pair=(.*)$/s.exec(location.hash) ?? [];
  let pair = null;
  try {
    pair = name === undefined ? null : byName.get(decodeURIComponent(name));
  } catch {
    // an address that was cut short names no pair
  }
  if (pair) openPair(pair);
  else showList();
}

let chosenMode = Object.hasOwn(MODES, memory.get("mode")) ? memory.get("mode") : "side";

function setMode(mode, { keep = true } = {}) {
  if (keep) {
    chosenMode = mode;
    memory.set("mode", mode);
    say(MODES[mode].label);
  }
  const before = view.mode;
  view.mode = mode;
  for (const button of $("modes").children) button.setAttribute("aria-pressed", button.dataset.mode === mode);
  showAmount();
  stopBlinking();
  view.front = "candidate";
  $("play").hidden = mode !== "blink";
  if (mode === "blink" && !matchMedia("(prefers-reduced-motion: reduce)").matches) startBlinking();
  stage.dataset.mode = mode;
  if ((before === "side") !== (mode === "side") && keep) recentre();
  else draw();
}

function showAmount() {
  const range = { overlay: { words: "Candidate", value: view.mix, min: 0, max: 100 }, difference: { words: "Brightness", value: view.gain, min: 1, max: 16 } }[view.mode];
  $("amount-field").hidden = !range;
  if (!range) return;
  $("amount-name").textContent = range.words;
  Object.assign($("amount"), { min: range.min, max: range.max, step: 1, value: range.value });
}

function swap() {
  view.front = view.front === "candidate" ? "reference" : "candidate";
  draw();
}

function startBlinking() {
  timer = setInterval(swap, BLINK);
  $("play").textContent = "Pause";
}

function stopBlinking() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "Play";
}

function say(words) {
  $("said").textContent = words;
}

function buildViewer() {
  $("modes").append(...shownModes.map(([mode, { label, key }]) =>
    el("button", { type: "button", "data-mode": mode, "aria-keyshortcuts": key, onclick: () => setMode(mode) }, label)));
  const actions = {
    back: closePair,
    "pair-previous": () => stepPair(-1),
    "pair-next": () => stepPair(1),
    "region-previous": () => chooseRegion(view.region < 0 ? -1 : view.region - 1),
    "region-next": () => chooseRegion(view.region + 1),
    "zoom-in": () => zoom(STEP),
    "zoom-out": () => zoom(1 / STEP),
    "zoom-fit": () => fit(),
    "zoom-width": () => fit("width"),
    "zoom-full": () => zoom(1 / view.scale),
    "copy-pair-accept": () => showCommand(acceptCommand([view.pair])),
    "copy-pair-ignore": () => showCommand(ignoreCommand([view.pair], view.region)),
    play: () => (timer ? stopBlinking() : startBlinking()),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
  $("boxes").addEventListener("change", () => stage.classList.toggle("bare", !$("boxes").checked));
  $("amount").addEventListener("input", () => {
    view[view.mode === "overlay" ? "mix" : "gain"] = Number($("amount").value);
    draw();
  });
  buildStage();
}
