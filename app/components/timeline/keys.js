// The keyboard, as in tracing tools: a d pan, w s zoom, arrows walk, [ ] go from change to change.

const middleOf = (s) => (s.selected < 0 ? s.width / 2 : Math.min(Math.max(toPixel(s, s.x[s.selected]), 0), s.width));
const zoomIn = (s) => zoomAt(s, 1 / 1.6, middleOf(s));
const zoomOut = (s) => zoomAt(s, 1.6, middleOf(s));
const here = (s) => (s.selected >= 0 ? s.selected : s.brush ? s.brush[1] : -1);

const KEYS = {
  ArrowRight: (s) => choose(s, here(s) < 0 ? shownRange(s)[0] : here(s) + 1),
  ArrowLeft: (s) => choose(s, here(s) < 0 ? shownRange(s)[1] : here(s) - 1),
  "Shift+ArrowRight": (s) => stretch(s, 1), "Shift+ArrowLeft": (s) => stretch(s, -1),
  Home: (s) => choose(s, 0), End: (s) => choose(s, s.events.length - 1),
  PageUp: (s) => stepSession(s, -1), PageDown: (s) => stepSession(s, 1),
  "[": (s) => stepChange(s, -1), "]": (s) => stepChange(s, 1),
  "+": zoomIn, "=": zoomIn, w: zoomIn, "-": zoomOut, s: zoomOut,
  a: (s) => panBy(s, -s.width / 5), d: (s) => panBy(s, s.width / 5),
  0: (s) => showSpan(s, 0, s.events.length - 1),
  z: (s) => s.brush && showSpan(s, ...s.brush),
  t: (s) => setScale(s, !s.byTime),
  Enter: (s) => s.parts.detail.querySelector("a[data-page=explain]")?.click(),
  l: (s) => labelHere(s),
  Escape: (s) => setBrush(s, null),
  "?": (s) => { s.helping = !s.helping; drawTools(s); },
};

// With Shift the arrows stretch a span from the chosen event.
function stretch(s, by) {
  if (!s.brush) s.stretchFrom = here(s) < 0 ? shownRange(s)[0] : here(s);
  const end = s.brush ? (s.brush[0] === s.stretchFrom ? s.brush[1] : s.brush[0]) : s.stretchFrom;
  const next = Math.min(Math.max(end + by, 0), s.events.length - 1);
  s.selected = -1;
  setBrush(s, [s.stretchFrom, next]);
  reveal(s, next);
}

// "Label this": the span, else the event under the pointer, else the chosen one.
function labelHere(s) {
  const index = s.hover >= 0 ? s.hover : s.selected;
  if (s.brush) return s.send("go", { page: "label", query: labelQuery(s, spanParts(s, s.brush)[0]) });
  if (index < 0) return undefined;
  const event = s.events[index];
  return s.send("go", { page: "label", query: { session: event.session_id, event: event.event_id } });
}

function listenToKeys(s) {
  s.parts.stage.addEventListener("keydown", (event) => {
    const name = (event.shiftKey && event.key.startsWith("Arrow") ? "Shift+" : "") + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!Object.hasOwn(KEYS, name) || event.ctrlKey || event.metaKey || event.altKey || !s.events.length) return;
    event.preventDefault();
    event.stopPropagation();
    s.touched = true;
    KEYS[name](s);
    redraw(s);
  });
}
