// The regions on the pictures, and the mouse on the stage.

const LOOK = 0.35; // share of the pane that a region fills when it is chosen
const LOOK_MOST = 8;
const CLICK = 4; // px that a pointer may move and still click

function buildBoxes(pair) {
  for (const frames of stage.querySelectorAll(".frames")) {
    frames.replaceChildren(
      ...pair.regions.map((region, index) => el("div", { class: "box", "data-kind": region.kind }, el("span", { class: "tag" }, String(index + 1)))),
    );
  }
  for (const areas of stage.querySelectorAll(".areas")) areas.replaceChildren(...areasOf(pair).map(({ kind }) => el("div", { class: `area ${kind}` })));
}

/** The boxes given with --ignore and --only, px of the reference; a length may be a share of its side. */
function areasOf(pair) {
  if (!pair.size) return [];
  const length = (value, axis) => (typeof value === "string" ? (parseFloat(value) / 100) * pair.size[axis % 2] : value);
  const given = (kind) => pair.options?.[kind] ?? report.options[kind] ?? [];
  return ["ignore", "only"].flatMap((kind) => given(kind).map((box) => ({ kind, box: box.map(length) })));
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
  const [, , width, height] = region.bbox;
  const box = pane();
  const closest = Math.min((LOOK * box.width) / width, (LOOK * box.height) / height, LOOK_MOST);
  const size = pictureSize();
  const whole = size ? Math.min(box.width / size[0], box.height / size[1]) : 1;
  fitted = false;
  view.scale = clamp(Math.max(closest, Math.min(whole, 1)), SCALES.least, SCALES.most);
  centre(region.bbox);
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
  const near = CLICK / view.scale;
  const hits = boxesOf(view.pair, frames.matches(".second"))
    .map(([x, y, width, height], index) => ({ index, area: width * height, inside: px >= x - near && px < x + width + near && py >= y - near && py < y + height + near }))
    .filter((one) => one.inside);
  return hits.length ? hits.reduce((least, one) => (one.area < least.area ? one : least)).index : -1;
}

function buildStage() {
  let held = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = { x: event.clientX, y: event.clientY, moved: 0 };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved += Math.hypot(event.clientX - held.x, event.clientY - held.y);
    if (held.moved > CLICK) pan(event.clientX - held.x, event.clientY - held.y);
    [held.x, held.y] = [event.clientX, event.clientY];
  });
  stage.addEventListener("pointerup", (event) => {
    const region = held && held.moved <= CLICK && $("boxes").checked ? regionAt(event.clientX, event.clientY) : -1;
    held = null;
    if (region >= 0) chooseRegion(region);
  });
  stage.addEventListener("pointercancel", () => { held = null; });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left, top } = (event.target.closest(".pane") ?? stage.querySelector(".pane")).getBoundingClientRect();
    zoom(Math.exp(-clamp(event.deltaY, -240, 240) * 0.002), [event.clientX - left, event.clientY - top]);
  }, { passive: false });
  new ResizeObserver(() => { if (view.pair) recentre(); }).observe(stage);
}
