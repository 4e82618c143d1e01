// Where each event lies. Two scales: by event (equal steps, a gap between sessions) and by time (seconds, with the
// silence between sessions cut to a fixed width, so that a visitor of a year still reads as sessions).

const SESSION_GAP = 1.6; // in event steps
const CUT_SILENCE_MS = 30 * 60 * 1000;

// Sets s.x (Float64Array, position of each event in world units), s.blocks (sessions) and s.span.
function layOut(s) {
  const events = s.events;
  const x = new Float64Array(events.length);
  s.blocks = [];
  let at = 0;
  const perMs = s.byTime ? timeRate(events) : 0;
  for (let i = 0; i < events.length; i++) {
    const fresh = i === 0 || events[i].session_id !== events[i - 1].session_id;
    if (i > 0) {
      const silence = events[i].t - events[i - 1].t;
      if (fresh) at += SESSION_GAP;
      else at += s.byTime ? Math.min(silence, CUT_SILENCE_MS) * perMs : 1;
    }
    if (fresh) s.blocks.push({ session_id: events[i].session_id, from: i, to: i, start: events[i].t });
    s.blocks[s.blocks.length - 1].to = i;
    x[i] = at;
  }
  s.x = x;
  s.span = Math.max(at, 1);
}

// World units a millisecond, so that the middle step between two events of a session is about one unit.
function timeRate(events) {
  const steps = [];
  for (let i = 1; i < events.length; i++) {
    if (events[i].session_id === events[i - 1].session_id) steps.push(events[i].t - events[i - 1].t);
  }
  if (!steps.length) return 0;
  steps.sort((one, two) => one - two);
  return 1 / Math.max(1000, steps[Math.floor(steps.length / 2)]);
}

// The view is {from, width} in world units; half a unit of air on both sides.
function clampView(s) {
  const whole = s.span + 1.4;
  const least = Math.min(whole, 4);
  s.view.width = Math.min(Math.max(s.view.width, least), whole);
  s.view.from = Math.min(Math.max(s.view.from, -0.7), s.span + 0.7 - s.view.width);
}

function toPixel(s, x) {
  return ((x - s.view.from) / s.view.width) * s.width;
}

function toWorld(s, pixel) {
  return s.view.from + (pixel / s.width) * s.view.width;
}

function zoomAt(s, factor, pixel) {
  const anchor = toWorld(s, pixel);
  s.view.width *= factor;
  clampView(s);
  s.view.from = anchor - (pixel / s.width) * s.view.width;
  clampView(s);
}

function reveal(s, index) {
  const x = s.x[index];
  const margin = Math.min(1.5, s.view.width / 6);
  if (x < s.view.from + margin) s.view.from = x - margin;
  else if (x > s.view.from + s.view.width - margin) s.view.from = x - s.view.width + margin;
  clampView(s);
}

function showSpan(s, from, to) {
  s.view.from = s.x[from] - 0.7;
  s.view.width = s.x[to] - s.x[from] + 1.4;
  clampView(s);
}

// First event at or right of world position x.
function lowerBound(values, x) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function visibleRange(s) {
  const from = Math.max(0, lowerBound(s.x, s.view.from) - 1);
  const to = Math.min(s.x.length - 1, lowerBound(s.x, s.view.from + s.view.width));
  return [from, to];
}

function nearestEvent(s, pixel) {
  if (!s.x.length) return -1;
  const world = toWorld(s, pixel);
  const right = Math.min(lowerBound(s.x, world), s.x.length - 1);
  const left = Math.max(0, right - 1);
  return world - s.x[left] < s.x[right] - world ? left : right;
}
