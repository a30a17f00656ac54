// Mouse, pen and fingers on the stage: one moves the pictures, two pinch, a click goes to a region.

const CLICK = 4; // px that a pointer may move and still click
const held = new Map(); // where each pointer was last
let travelled = 0; // px that pointers moved since the first came down

const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
const spread = ([one, other]) => Math.hypot(one[0] - other[0], one[1] - other[1]);

/** A point of the window in the pane that lies there, or in the first. */
function inPane([x, y], target = null) {
  const { left, top } = (target?.closest(".pane") ?? stage.querySelector(".pane")).getBoundingClientRect();
  return [x - left, y - top];
}

function pointerDown(event) {
  if (event.button) return;
  if (!held.size) travelled = 0;
  held.set(event.pointerId, [event.clientX, event.clientY]);
  stage.setPointerCapture(event.pointerId);
}

function pointerMove(event) {
  if (!held.has(event.pointerId)) return;
  const before = [...held.values()];
  travelled += Math.hypot(event.clientX - held.get(event.pointerId)[0], event.clientY - held.get(event.pointerId)[1]);
  held.set(event.pointerId, [event.clientX, event.clientY]);
  if (travelled <= CLICK) return;
  const after = [...held.values()];
  const [from, to] = [middle(before), middle(after)];
  pan(to[0] - from[0], to[1] - from[1]);
  if (after.length === 2 && spread(before) > 0) zoom(spread(after) / spread(before), inPane(to, document.elementFromPoint(...to)));
}

function pointerUp(event) {
  const clicked = held.size === 1 && travelled <= CLICK && $("boxes").checked;
  const region = held.delete(event.pointerId) && clicked ? regionAt(event.clientX, event.clientY) : -1;
  if (region >= 0) chooseRegion(region);
}

/** The wheel zooms; a page that is much taller than the window it moves, unless Ctrl is held. */
function turnWheel(event) {
  event.preventDefault();
  if (view.tall && !event.ctrlKey) return pan(-event.deltaX, -event.deltaY);
  return zoom(Math.exp(-clamp(event.deltaY, -240, 240) * 0.002), inPane([event.clientX, event.clientY], event.target));
}

function buildStage() {
  stage.addEventListener("pointerdown", pointerDown);
  stage.addEventListener("pointermove", pointerMove);
  stage.addEventListener("pointerup", pointerUp);
  stage.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
  stage.addEventListener("wheel", turnWheel, { passive: false });
  new ResizeObserver(() => { if (view.pair) recentre(); }).observe(stage);
}
