// The difference of a pair, drawn at the reference's own size, so that "Fit" shows it smaller instead of comparing two
// pictures that were made smaller, each in its own way.

const MOST_AREA = 60e6; // px of a canvas, beyond which it is drawn smaller
const LONGEST = 16000; // px of a side, of which browsers take 16,384
const CELLS = 24; // across and down, in each of which a homography is as good as affine
const OVERLAP = 0.75; // px by which cells overlap, so that no gap is seen between them
const INSET = 1.5; // px at the border of a moved candidate, half of which are not its own
const SHADES = 64; // px of the picture of a shading, which is as smooth as light

/** What the candidate is drawn of: pieces [x, y, w, h] of it, each with the affine map that lays it over the reference. */
function pieces(pair, [width, height]) {
  if (isLayout(pair)) return strips(pair, [width, height]);
  if (!isMoved(pair)) return [{ part: [0, 0, width, height], map: [1, 0, 0, 1, 0, 0] }];
  const [[a, b, c], [d, e, f], [g, h, i]] = cornered(pair.registration.matrix);
  const steps = Math.abs(g * width) + Math.abs(h * height) > 1e-6 * Math.abs(i) ? CELLS : 1;
  const cells = [];
  for (let row = 0; row < steps; row += 1) {
    for (let column = 0; column < steps; column += 1) {
      const [w, t] = [width / steps, height / steps];
      const [x, y] = [(column + 0.5) * w, (row + 0.5) * t];
      const depth = g * x + h * y + i;
      const [u, v] = [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
      const [ux, uy, vx, vy] = [(a - g * u) / depth, (b - h * u) / depth, (d - g * v) / depth, (e - h * v) / depth];
      cells.push({ part: [column * w, row * t, w, t], map: [ux, vx, uy, vy, u - ux * x - uy * y, v - vx * x - vy * y] });
    }
  }
  return cells;
}

/** Of a page with rows or columns inserted or removed: what lies between the seams, each stretch where it belongs. */
function strips(pair, [width, height]) {
  const down = pair.regions.some(({ kind }) => kind.endsWith("-rows"));
  const [axis, side, across] = down ? [1, 3, pair.size[0]] : [0, 2, pair.size[1]];
  const found = [];
  let [here, there] = [0, 0];
  const add = (length) => {
    if (length <= 0) return;
    const part = down ? [0, there, width, length] : [there, 0, length, height];
    found.push({ part, map: down ? [1, 0, 0, 1, 0, here - there] : [1, 0, 0, 1, here - there, 0] });
  };
  for (const { kind, bbox, candidate_bbox: other } of pair.regions) {
    if (!kind.endsWith(down ? "-rows" : "-columns") || bbox[5 - side] < 0.9 * across) continue;
    add(bbox[axis] - here);
    const inserted = kind.startsWith("inserted");
    [here, there] = inserted ? [bbox[axis], other[axis] + other[side]] : [bbox[axis] + bbox[side], other[axis]];
  }
  add((down ? height : width) - there);
  return found;
}

function canvas(width, height) {
  const made = el("canvas", {});
  Object.assign(made, { width, height });
  return [made, made.getContext("2d")];
}

/** The candidate in the reference's frame and light. */
function laidOver(pair, candidate, size, scale) {
  const [made, context] = canvas(...size);
  const light = pair.normalization;
  if (light) context.filter = lightFilter(light);
  for (const { part, map } of pieces(pair, [candidate.naturalWidth, candidate.naturalHeight])) {
    const [x, y, width, height] = part;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.transform(...map);
    context.drawImage(candidate, x, y, Math.min(width + OVERLAP, candidate.naturalWidth - x), Math.min(height + OVERLAP, candidate.naturalHeight - y),
      x, y, Math.min(width + OVERLAP, candidate.naturalWidth - x), Math.min(height + OVERLAP, candidate.naturalHeight - y));
  }
  return light?.shading ? shaded(made, light.shading) : made;
}

/** Sets the page's filter to gain and offset per channel; its numbers count on sRGB as it is, as diffspot's do. */
function lightFilter({ gain, offset }) {
  ["R", "G", "B"].forEach((channel, index) => {
    const of = (values) => values[values.length >= 3 ? index : 0];
    $(`light-${channel}`).setAttribute("slope", of(gain));
    $(`light-${channel}`).setAttribute("intercept", of(offset) / 255);
  });
  return "url(#light)";
}

/** Multiplied by a surface per channel; what exceeds 1 is made up for by a brighter whole. */
function shaded(made, shading) {
  const surface = (index, u, v) => {
    const [one, x, y, xx, xy, yy] = shading[shading.length >= 3 ? index : 0];
    return 1 + one + x * u + y * v + xx * u * u + xy * u * v + yy * v * v;
  };
  const at = (index) => (2 * (index + 0.5)) / SHADES - 1;
  const values = new Float32Array(4 * SHADES * SHADES).map((_, index) =>
    index % 4 === 3 ? 0 : surface(index % 4, at(Math.floor(index / 4) % SHADES), at(Math.floor(index / 4 / SHADES))));
  const most = values.reduce((highest, value) => Math.max(highest, value), 1e-6);
  const [small, on] = canvas(SHADES, SHADES);
  on.putImageData(new ImageData(Uint8ClampedArray.from(values, (value, index) => (index % 4 === 3 ? 255 : (255 * value) / most)), SHADES), 0, 0);
  const [darker, context] = canvas(made.width, made.height);
  context.drawImage(made, 0, 0);
  context.globalCompositeOperation = "multiply";
  context.drawImage(small, 0, 0, made.width, made.height);
  context.globalCompositeOperation = "destination-in";
  context.drawImage(made, 0, 0);
  const [result, last] = canvas(made.width, made.height);
  last.filter = `brightness(${most})`;
  last.drawImage(darker, 0, 0);
  return result;
}

/** Clips to what both pictures cover. */
function clipToOverlap(context, pair, candidate, scale) {
  if (isLayout(pair)) return;
  const [width, height] = [candidate.naturalWidth, candidate.naturalHeight];
  const inset = isMoved(pair) ? INSET : 0;
  const corners = [[inset, inset], [width - inset, inset], [width - inset, height - inset], [inset, height - inset]];
  const [[a, b, c], [d, e, f], [g, h, i]] = isMoved(pair) ? cornered(pair.registration.matrix) : [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  context.beginPath();
  for (const [x, y] of corners) {
    const depth = g * x + h * y + i;
    context.lineTo((scale * (a * x + b * y + c)) / depth, (scale * (d * x + e * y + f)) / depth);
  }
  context.clip();
}

function drawDifference(pair, reference, candidate) {
  const [width, height] = [reference.naturalWidth, reference.naturalHeight];
  const scale = Math.min(1, Math.sqrt(MOST_AREA / (width * height)), LONGEST / Math.max(width, height));
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const [both, context] = canvas(...size);
  context.fillRect(0, 0, ...size);
  context.drawImage(reference, 0, 0, ...size);
  context.globalCompositeOperation = "difference";
  context.drawImage(laidOver(pair, candidate, size, scale), 0, 0);
  const [shown, last] = canvas(...size);
  last.fillRect(0, 0, ...size);
  clipToOverlap(last, pair, candidate, scale);
  last.drawImage(both, 0, 0);
  shown.dataset.scale = scale;
  return shown;
}

/** Puts the difference of the open pair on the stage, once its pictures are there. */
function showDifference() {
  const layers = stage.querySelector(".layers");
  const [reference, candidate] = SIDES.map((side) => layers.querySelector(`[data-side=${side}] img`));
  if (layers.querySelector("canvas") || !reference?.naturalWidth || !candidate?.naturalWidth) return;
  layers.append(drawDifference(view.pair, reference, candidate));
}
