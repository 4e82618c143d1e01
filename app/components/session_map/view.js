// Where a point is on the canvas, which point is under the finger, and whether it lies inside an outline.

const REACH = 32000;
const NEAR = 9;

function fitView(s) {
  s.scale = Math.min(s.width, s.height) / (2.1 * REACH);
  s.left = 0;
  s.top = 0;
}

function toX(s, x) { return s.width / 2 + (x - s.left) * s.scale; }
function toY(s, y) { return s.height / 2 - (y - s.top) * s.scale; }
function fromX(s, px) { return s.left + (px - s.width / 2) / s.scale; }
function fromY(s, py) { return s.top - (py - s.height / 2) / s.scale; }

// Zoom by `factor` so that what is under the pixel stays there.
function zoomAt(s, factor, px, py) {
  const [x, y] = [fromX(s, px), fromY(s, py)];
  const least = Math.min(s.width, s.height) / (2.1 * REACH);
  s.scale = Math.min(Math.max(s.scale * factor, least * 0.8), least * 80);
  s.left = x - (px - s.width / 2) / s.scale;
  s.top = y + (py - s.height / 2) / s.scale;
}

function nearestPoint(s, px, py) {
  let [best, distance] = [-1, NEAR * NEAR];
  for (let at = 0; at < s.shades.length; at++) {
    if (s.hidden.has(s.shades[at])) continue;
    const [dx, dy] = [toX(s, s.places[2 * at]) - px, toY(s, s.places[2 * at + 1]) - py];
    if (dx * dx + dy * dy < distance) [best, distance] = [at, dx * dx + dy * dy];
  }
  return best;
}

// Even-odd rule: a ray to the right crosses the outline an odd number of times.
function isInside(outline, x, y) {
  let inside = false;
  for (let at = 0, before = outline.length - 1; at < outline.length; before = at++) {
    const [ax, ay] = outline[at], [bx, by] = outline[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function boxOutline(one, two) {
  return [[one[0], one[1]], [two[0], one[1]], [two[0], two[1]], [one[0], two[1]]];
}

// An outline drawn by hand has hundreds of corners; those closer than two pixels say nothing.
function thinned(outline, gap) {
  const kept = [];
  for (const point of outline) {
    const last = kept[kept.length - 1];
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= gap) kept.push(point);
  }
  return kept.map(([x, y]) => [Math.round(x), Math.round(y)]);
}
