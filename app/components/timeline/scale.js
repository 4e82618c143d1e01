// Where each event lies. Two scales: by event (equal steps, a gap between sessions) and by time (seconds, with the
// silence between sessions cut to a fixed width, so that a visitor of a year still reads as sessions).

const SESSION_GAP = 1.6; // in event steps
const CUT_SILENCE_MS = 30 * 60 * 1000;
const AIR = 0.7; // before the first and after the last event, in event steps
const AIR_MS = 60000; // what a step outside the events stands for

// Sets s.x (Float64Array, position of each event in world units), s.blocks (sessions) and s.span.
function layOut(s) {
  const events = s.events;
  const x = new Float64Array(events.length);
  s.blocks = [];
  let at = 0;
  if (s.byTime && !s.rate) s.rate = timeRate(events);
  for (let i = 0; i < events.length; i++) {
    const fresh = i === 0 || events[i].session_id !== events[i - 1].session_id;
    if (i > 0) {
      const silence = events[i].t - events[i - 1].t;
      if (fresh) at += SESSION_GAP;
      else at += s.byTime ? Math.min(silence, CUT_SILENCE_MS) * s.rate : 1;
    }
    if (fresh) s.blocks.push({ session_id: events[i].session_id, from: i, to: i, start: events[i].t });
    s.blocks[s.blocks.length - 1].to = i;
    x[i] = at;
  }
  s.x = x;
  s.span = Math.max(at, 1);
}

// World units a millisecond, so that the middle step between two events of a session is about one unit. Kept while
// more events are loaded: the events at hand must not move under the pointer.
function timeRate(events) {
  const steps = [];
  for (let i = 1; i < events.length; i++) {
    if (events[i].session_id === events[i - 1].session_id) steps.push(events[i].t - events[i - 1].t);
  }
  if (!steps.length) return 1 / 1000;
  steps.sort((one, two) => one - two);
  return 1 / Math.max(1000, steps[Math.floor(steps.length / 2)]);
}

// The view is {from, width} in world units, with some air on both sides.
function clampView(s) {
  const whole = s.span + 2 * AIR;
  const least = Math.min(whole, 4);
  s.view.width = Math.min(Math.max(s.view.width, least), whole);
  s.view.from = Math.min(Math.max(s.view.from, -AIR), s.span + AIR - s.view.width);
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

function panBy(s, pixels) {
  s.view.from += (pixels / s.width) * s.view.width;
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
  s.view.from = s.x[from] - AIR;
  s.view.width = s.x[to] - s.x[from] + 2 * AIR;
  clampView(s);
}

// First event at or right of world position x.
function lowerBound(values, x) {
  let low = 0, high = values.length;
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

// The events whose middle is in view, not the neighbours that only their bands need.
function shownRange(s) {
  const from = lowerBound(s.x, s.view.from);
  const to = lowerBound(s.x, s.view.from + s.view.width) - 1;
  return to < from ? [Math.min(from, s.x.length - 1), Math.min(from, s.x.length - 1)] : [from, to];
}

function nearestEvent(s, pixel) {
  if (!s.x.length) return -1;
  const world = toWorld(s, pixel);
  const right = Math.min(lowerBound(s.x, world), s.x.length - 1);
  const left = Math.max(0, right - 1);
  return world - s.x[left] < s.x[right] - world ? left : right;
}

function blockOf(s, index) {
  let low = 0, high = s.blocks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (s.blocks[middle].to < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Moments as positions and back, straight lines from event to event: what an address keeps of a view holds on
// either scale, and whatever part of the visitor's events is at hand.
function momentAt(s, world) {
  const last = s.x.length - 1;
  if (world <= s.x[0]) return s.events[0].t + (world - s.x[0]) * AIR_MS;
  if (world >= s.x[last]) return s.events[last].t + (world - s.x[last]) * AIR_MS;
  const right = lowerBound(s.x, world), left = right - 1;
  const share = (world - s.x[left]) / (s.x[right] - s.x[left] || 1);
  return s.events[left].t + share * (s.events[right].t - s.events[left].t);
}

function worldAt(s, moment) {
  const last = s.x.length - 1;
  if (moment <= s.events[0].t) return s.x[0] + (moment - s.events[0].t) / AIR_MS;
  if (moment >= s.events[last].t) return s.x[last] + (moment - s.events[last].t) / AIR_MS;
  const right = firstFrom(s, moment), left = right - 1;
  const share = (moment - s.events[left].t) / (s.events[right].t - s.events[left].t || 1);
  return s.x[left] + share * (s.x[right] - s.x[left]);
}

// The first event at or after a moment; as many as there are events, if none is.
function firstFrom(s, moment) {
  let low = 0, high = s.events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (s.events[middle].t < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
