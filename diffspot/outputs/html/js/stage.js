// The pictures of one pair: panes that show them, and a view on them that all panes share.

const MODES = {
  side: { label: "Side by side", key: "1" },
  slider: { label: "Slider", key: "2" },
  blink: { label: "Blink", key: "3" },
  overlay: { label: "Overlay", key: "4" },
  difference: { label: "Difference", key: "5" },
  scores: { label: "Score map", key: "6" },
  mask: { label: "Mask", key: "7" },
};
const MAPS = ["scores", "mask"]; // modes of which a run writes a picture, if it was asked to
const shownModes = Object.entries(MODES).filter(([mode]) => !MAPS.includes(mode) || pairs.some((pair) => pair.shown[mode]));
const CAPTIONS = { reference: "Reference", candidate: "Candidate" };
const SIDES = Object.keys(CAPTIONS);
const BLINK = 700; // ms a picture stays: well under three flashes a second
const SCALES = { least: 0.02, most: 64 };
const STEP = 1.25; // what one press of + magnifies
const CRISP = 3; // from this scale on, pixels are shown as squares
const FIT_MOST = 4; // a small picture is not magnified more to fill its pane
const TALL = 0.4; // the scale at which all of a picture fits, below which it is opened at the width of its pane
const MARGIN = 12; // px around a picture that fits

const view = { pair: null, mode: "side", scale: 1, x: 0, y: 0, region: -1, split: 0.5, mix: 50, gain: 4, front: "candidate", tall: false, forgiven: null };
let fitted = "whole"; // what of the picture the view still fits, and so follows the window: whole, width or nothing
let timer = 0;
let drawnOn = { width: 0, height: 0 }; // the pane when the view was last drawn

const stage = $("stage");
const isMoved = (pair) => Boolean(pair.registration) && pair.registration.method !== "none";
const isLayout = (pair) => pair.registration?.method === "layout";
const hasBoth = (pair) => Boolean(pair.shown.reference && pair.shown.candidate);

function buildPanes(pair) {
  stage.replaceChildren(buildPane(pair, SIDES), buildPane(pair, ["candidate"], "second"), divider());
  buildBoxes(pair);
}

function buildPane(pair, sides, name = "") {
  const maps = name ? [] : MAPS.filter((kind) => pair.shown[kind]);
  const layers = el("div", { class: "layers" }, ...[...sides, ...maps].map((side) => layer(pair, side)));
  const [areas, frames] = ["areas", "frames"].map((kind) => el("div", { class: kind, "aria-hidden": "true" }));
  return el("div", { class: `pane ${name}` }, layers, areas, frames, ...sides.map(caption));
}

const caption = (side) => el("p", { class: "caption", "data-side": side }, CAPTIONS[side]);

function layer(pair, side) {
  const box = el("div", { class: "layer", "data-side": side });
  const source = pair.shown[side];
  const missing = (words) => box.append(el("p", { class: "missing" }, words));
  if (source) {
    const image = el("img", { src: source, alt: `${side} of ${pair.name}`, draggable: "false" });
    image.addEventListener("load", () => { if (view.pair === pair) pictureCame(); });
    image.addEventListener("error", () => { image.remove(); missing(`The ${side} cannot be shown: ${pair[side]}`); });
    box.append(image);
  } else if (pair[side]) missing(`The report holds no picture that browsers show: ${pair[side]}`);
  else if (["same", "error"].includes(pair.status)) missing(`The report holds no ${side} of this pair.`);
  else missing(`There is no ${side}: this picture was ${pair.status}.`);
  return box;
}

function divider() {
  const handle = el("div", { class: "divider", role: "slider", tabindex: "0", "aria-label": "Reference left, candidate right", "aria-valuemin": "0", "aria-valuemax": "100" });
  const to = (share) => { view.split = clamp(share, 0, 1); draw(); };
  handle.addEventListener("pointerdown", (event) => { event.stopPropagation(); handle.setPointerCapture(event.pointerId); });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { left, width } = stage.getBoundingClientRect();
    to((event.clientX - left) / width);
  });
  handle.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 };
    if (!(event.key in moves) || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    to(view.split + moves[event.key]);
  });
  return handle;
}

/** Width and height of what is shown, px: that of the reference, or of the only picture. */
function pictureSize() {
  if (view.pair.size) return view.pair.size;
  const image = [...stage.querySelectorAll("img")].find((one) => one.naturalWidth);
  return image ? [image.naturalWidth, image.naturalHeight] : null;
}

/** Where the candidate goes: its registration as CSS; a layout shift lays it over at the chosen region. */
function placement(pair) {
  if (isLayout(pair)) {
    const region = pair.regions[view.region];
    return region ? `translate(${region.bbox[0] - region.candidate_bbox[0]}px, ${region.bbox[1] - region.candidate_bbox[1]}px)` : "";
  }
  return isMoved(pair) ? cssMatrix(pair.registration.matrix) : "";
}

/** A 3x3 matrix between pixel centres as one between pixel corners, half a pixel away. */
function cornered(matrix) {
  const shifted = matrix.map(([a, b, c]) => [a, b, c - (a + b) / 2]);
  return shifted.map((row, index) => (index < 2 ? row.map((value, column) => value + shifted[2][column] / 2) : row));
}

/** A 3x3 matrix as CSS has it. */
function cssMatrix(matrix) {
  const [[a, b, c], [d, e, f], [g, h, i]] = cornered(matrix);
  return `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, i].map((value) => value / i).map((value, index) => (index === 10 ? 1 : value)).join(",")})`;
}

/** Keeps some of the picture in the middle of the pane, however far it is dragged. */
function bound() {
  const size = pictureSize();
  if (!size) return;
  const { width, height } = pane();
  view.x = clamp(view.x, width / 2 - size[0] * view.scale, width / 2);
  view.y = clamp(view.y, height / 2 - size[1] * view.scale, height / 2);
}

function draw() {
  bound();
  const { pair, scale, x, y, mode, split, mix, gain, front } = view;
  if (mode === "difference") showDifference();
  const on = `translate(${Math.round(x)}px, ${Math.round(y)}px) scale(${scale})`;
  for (const image of stage.querySelectorAll("img")) {
    const candidate = image.parentElement.dataset.side === "candidate";
    image.style.transform = candidate && hasBoth(pair) ? `${on} ${placement(pair)}` : on;
    image.style.imageRendering = scale >= CRISP ? "pixelated" : "auto";
  }
  for (const drawing of stage.querySelectorAll("canvas")) {
    drawing.style.transform = `${on} scale(${1 / drawing.dataset.scale})`;
    drawing.style.imageRendering = scale >= CRISP ? "pixelated" : "auto";
  }
  stage.dataset.fitted = fitted;
  Object.assign(stage.dataset, { mode, front });
  for (const [name, value] of Object.entries({ "--split": split, "--mix": mix / 100, "--gain": gain })) stage.style.setProperty(name, value);
  stage.querySelector(".divider").setAttribute("aria-valuenow", Math.round(100 * split));
  $("zoom").textContent = `${Math.round(100 * scale)} %`;
  drawnOn = pane();
  drawBoxes();
}

const pane = () => stage.querySelector(".pane").getBoundingClientRect();

/** Lays two panes beside or above each other, whichever shows the pictures larger. */
function arrange([width, height]) {
  const { clientWidth, clientHeight } = stage;
  const beside = Math.min(clientWidth / 2 / width, clientHeight / height);
  const above = Math.min(clientWidth / width, clientHeight / 2 / height);
  stage.classList.toggle("above", above > beside);
}

/** Shows the whole picture, or its top at the width of the pane. */
function fit(what = "whole") {
  fitted = what;
  const size = pictureSize();
  if (!size) return draw();
  arrange(size);
  const { width, height } = pane();
  const [across, down] = [(width - 2 * MARGIN) / size[0], (height - 2 * MARGIN) / size[1]];
  const scale = Math.min(across, what === "width" ? 1 : down, FIT_MOST);
  view.scale = clamp(scale > 1 ? Math.floor(2 * scale) / 2 : scale, SCALES.least, SCALES.most);
  centre([0, 0, ...size]);
  if (what === "whole") return undefined;
  view.y = MARGIN;
  return draw();
}

/** Opens a picture whole, but one that would be too small to see anything at the width of its pane. */
function fitFirst() {
  const size = pictureSize();
  if (!size) return fit();
  arrange(size);
  const { width, height } = pane();
  const [across, down] = [width / size[0], height / size[1]];
  view.tall = down < TALL && Math.min(across, 1) > 1.5 * down;
  return fit(view.tall ? "width" : "whole");
}

/** A picture of the pair has come; where nobody knew its size, that is known now. */
function pictureCame() {
  if (view.pair.size) recentre();
  else fitFirst();
}

function centre([x, y, width, height]) {
  const box = pane();
  view.x = box.width / 2 - (x + width / 2) * view.scale;
  view.y = box.height / 2 - (y + height / 2) * view.scale;
  draw();
}

/** Keeps what was in the middle there when the panes have changed their size. */
function recentre() {
  const size = pictureSize();
  if (fitted || !size) return fit(fitted || "whole");
  arrange(size);
  const { width, height } = pane();
  view.x += (width - drawnOn.width) / 2;
  view.y += (height - drawnOn.height) / 2;
  draw();
}

/** Zooms about a point of the pane, its middle where none is given. */
function zoom(factor, point = null) {
  fitted = "";
  const box = pane();
  const [left, top] = point ?? [box.width / 2, box.height / 2];
  const scale = clamp(view.scale * factor, SCALES.least, SCALES.most);
  view.x = left - ((left - view.x) * scale) / view.scale;
  view.y = top - ((top - view.y) * scale) / view.scale;
  view.scale = scale;
  draw();
}

function pan(right, down) {
  fitted = "";
  view.x += right;
  view.y += down;
  draw();
}
