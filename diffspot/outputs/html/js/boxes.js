// The regions on the pictures, and what else is framed there.

const LOOK = 0.35; // share of the pane that a region fills when it is chosen
const LOOK_MOST = 8;
const NEAR = 4; // px beside a box that still hit it

function buildBoxes(pair) {
  for (const frames of stage.querySelectorAll(".frames")) {
    frames.replaceChildren(
      ...pair.regions.map((region, index) => el("div", { class: "box", "data-kind": region.kind }, el("span", { class: "tag" }, tagOf(region, index)))),
    );
  }
  buildAreas(pair);
}

function buildAreas(pair) {
  for (const areas of stage.querySelectorAll(".areas")) areas.replaceChildren(...areasOf(pair).map(({ kind }) => el("div", { class: `area ${kind}` })));
}

/** The number of a region; of a seam also what was inserted or removed there, which has no box of its own. */
const tagOf = (region, index) => (region.kind.includes("-") ? `${index + 1}: ${kindInWords(region)}` : String(index + 1));

/** The boxes given with --ignore and --only, px of the reference; a length may be a share of its side. */
function areasOf(pair) {
  if (!pair.size) return [];
  const length = (value, axis) => (typeof value === "string" ? (parseFloat(value) / 100) * pair.size[axis % 2] : value);
  const given = (kind) => pair.options?.[kind] ?? report.options[kind] ?? [];
  const forgiven = view.forgiven ? [{ kind: "forgiven", box: view.forgiven.largest }] : [];
  return [...["ignore", "only"].flatMap((kind) => given(kind).map((box) => ({ kind, box: box.map(length) }))), ...forgiven];
}

function lay(element, [x, y, width, height]) {
  element.style.transform = `translate(${Math.round(view.x) + x * view.scale}px, ${Math.round(view.y) + y * view.scale}px)`;
  element.style.width = `${width * view.scale}px`;
  element.style.height = `${height * view.scale}px`;
}

/** In a layout shift the candidate's own pane shows where a region lies in the candidate. */
function boxesOf(pair, second) {
  if (!second || !isLayout(pair)) return pair.regions.map((region) => region.bbox);
  const chosen = pair.regions[view.region];
  const [right, down] = chosen ? [0, 1].map((axis) => chosen.bbox[axis] - chosen.candidate_bbox[axis]) : [0, 0];
  return pair.regions.map(({ candidate_bbox: [x, y, width, height] }) => [x + right, y + down, width, height]);
}

function drawBoxes() {
  const areas = areasOf(view.pair);
  for (const shown of stage.querySelectorAll(".areas")) [...shown.children].forEach((area, index) => lay(area, areas[index].box));
  for (const frames of stage.querySelectorAll(".frames")) {
    const boxes = boxesOf(view.pair, frames.parentElement.matches(".second"));
    [...frames.children].forEach((box, index) => {
      lay(box, boxes[index]);
      box.classList.toggle("chosen", index === view.region);
    });
  }
}

function chooseRegion(index) {
  const { regions } = view.pair;
  if (!regions.length) return;
  view.region = (index + regions.length) % regions.length;
  const region = regions[view.region];
  frameForgiven(null);
  lookAtBox(region.bbox);
  showRegion();
  say(`Region ${view.region + 1} of ${regions.length}: ${region.kind}, ${region.bbox.join(", ")}`);
}

function regionAt(clientX, clientY) {
  const frames = [...stage.querySelectorAll(".pane")].find((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return clientX >= left && clientX < right && clientY >= top && clientY < bottom;
  });
  if (!frames) return -1;
  const { left, top } = frames.getBoundingClientRect();
  const [px, py] = [(clientX - left - view.x) / view.scale, (clientY - top - view.y) / view.scale];
  const near = NEAR / view.scale;
  const hits = boxesOf(view.pair, frames.matches(".second"))
    .map(([x, y, width, height], index) => ({ index, area: width * height, inside: px >= x - near && px < x + width + near && py >= y - near && py < y + height + near }))
    .filter((one) => one.inside);
  return hits.length ? hits.reduce((least, one) => (one.area < least.area ? one : least)).index : -1;
}

/** Frames the largest place that an explanation took, until a region is chosen. */
function frameForgiven(one) {
  view.forgiven = one;
  buildAreas(view.pair);
}

function lookAtForgiven(one) {
  frameForgiven(one);
  lookAtBox(one.largest);
}

/** Magnifies a box of the reference and puts it into the middle. */
function lookAtBox(box) {
  const { width, height } = pane();
  const closest = Math.min((LOOK * width) / box[2], (LOOK * height) / box[3], LOOK_MOST);
  const size = pictureSize();
  const whole = size ? Math.min(width / size[0], height / size[1]) : 1;
  fitted = "";
  view.scale = clamp(Math.max(closest, Math.min(whole, 1)), SCALES.least, SCALES.most);
  centre(box);
}
