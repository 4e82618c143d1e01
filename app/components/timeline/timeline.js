// The intent timeline: a visitor's events over the probabilities of each intent at every one of them.
// State of a mounted timeline lives in `mounted`; Streamlit calls the exported function at every rerun.

const RESTING_MS = 250;
const mounted = new Map();

function createState(parent) {
  const root = parent.querySelector(".timeline");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return {
    root, parts, view: { from: -AIR, width: 1 }, hover: -1, selected: -1, byTime: false, lit: null, drag: null, frame: 0, width: 0, stamp: null,
    events: [], notes: [], tracks: [], blocks: [], orders: [], byId: new Map(), x: new Float64Array(0), span: 1, brush: null, brushing: false,
    mountedAt: performance.now(), generation: 0, loading: "", error: "", earlier: false, later: false, touched: false, tabled: false, helping: false, drawing: 0, lanes: {}, height: 0,
  };
}

function takeData(s, data) {
  for (const name of ["visitor", "person", "marks", "intents", "types", "texts", "language", "models", "champion", "days", "total", "post", "links", "retired"]) s[name] = data[name];
  if (data.stamp === s.stamp) return;
  s.stamp = data.stamp;
  s.session = data.view.session;
  s.byTime = data.view.scale === "time";
  s.lit = s.intents.some((intent) => intent.id === data.view.lit) ? data.view.lit : null;
  s.asked = data.view;
  s.touched = false;
  takeModels(s, data.view);
  start(s);
}

function takeModels(s, view) {
  const known = (id) => s.models.find((one) => one.id === id);
  const first = known(view.model) || known(s.champion) || s.models[0];
  const second = known(view.model2);
  s.tracks = [first, second && second !== first ? second : null].filter(Boolean).map((one) => createTrack(one.id, one.name));
}

// Loads what the address asks for; the view moves only if all of that is at hand then.
async function start(s) {
  const asked = s.asked;
  if (!(await loadAbout(s, placeAsked(asked)))) return;
  if (s.events.length) placeView(s, asked);
  refresh(s);
}

function takeTheme(s) {
  s.colors = paintIntents(s.root, [...s.retired, ...s.intents]);
  const value = (name, other) => cssValue(s.root, name) || other;
  s.drawing += 1; // data or theme may have changed: nothing painted before holds
  const back = value("--st-background-color", "#fff"), text = value("--st-text-color", "#222"), accent = value("--st-primary-color", "#2f6fde");
  const soft = value("--st-secondary-background-color", "#f3f4f6"), order = value("--st-green-color", "#1a8a55"), cart = value("--st-orange-color", "#c76a00");
  s.ink = {
    text, back, soft, accent, cart, order, removed: value("--st-red-color", "#d33"), line: value("--st-border-color", "#ccc"), muted: mix(text, 0.62),
    grid: mix(back, 0.5), veil: mix(back, 0.72), brush: mix(accent, 0.16), cartFill: mix(cart, 0.45), onOrder: inkOn(order), font: value("--st-font", "sans-serif"),
  };
  s.solid = s.intents.map((intent) => blend(s.colors[intent.id], soft, 0.88));
  s.faint = s.intents.map((intent) => blend(s.colors[intent.id], soft, 0.18));
  [s.solidPixel, s.faintPixel] = [s.solid, s.faint].map((colors) => colors.map(pixelOf));
  s.inkOn = Object.fromEntries(Object.entries(s.colors).map(([id, color]) => [id, inkOn(color)]));
}

function mix(color, share) {
  const [red, green, blue] = colorChannels(color);
  return `rgba(${red}, ${green}, ${blue}, ${share})`;
}

function blend(color, ground, share) {
  const [over, under] = [colorChannels(color), colorChannels(ground)];
  return `rgb(${over.map((value, at) => Math.round(value * share + under[at] * (1 - share))).join(", ")})`;
}

// A colour as the four bytes of a pixel, in the order of this machine's (little end first, as on every browser's).
function pixelOf(color) {
  const [red, green, blue] = colorChannels(color);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// Everything around the canvas anew, and the canvas itself.
function refresh(s) {
  s.drawing += 1;
  layOutLanes(s);
  drawLaneNames(s);
  drawTools(s);
  drawLegend(s);
  drawState(s);
  drawDetail(s);
  drawYears(s);
  drawTable(s);
  redraw(s);
}

function redraw(s) {
  if (s.frame) return;
  s.frame = requestAnimationFrame(() => {
    s.frame = 0;
    if (s.root.isConnected && s.width && s.events.length) paintFrame(s);
  });
}

function paintFrame(s) {
  const began = performance.now();
  const stamp = [s.view.from, s.view.width, s.width, s.lit, s.drawing, s.byTime].join();
  if (stamp !== s.mainStamp) {
    paintMain(s);
    paintStrip(s);
    rest(s);
    feed(s);
  }
  s.mainStamp = stamp;
  const marked = [s.brush?.join("-"), s.selected].join();
  if (marked !== s.markedStamp) rest(s);
  s.markedStamp = marked;
  paintCursor(s);
  s.root.dataset.paintMs = (performance.now() - began).toFixed(2); // these two are read by the benchmark
  s.root.dataset.openingMs ||= (performance.now() - s.mountedAt).toFixed(1);
}

// What follows the view once it rests: the address, the words for it, the table.
function rest(s) {
  clearTimeout(s.resting);
  s.resting = setTimeout(() => {
    if (!s.root.isConnected || !s.events.length) return;
    writeAddress(s);
    drawTable(s);
    if (s.touched && !s.brush && s.selected < 0) announce(s, viewWords(s));
    s.root.dataset.rested = String(Number(s.root.dataset.rested || 0) + 1);
  }, RESTING_MS);
}

function listen(s) {
  listenToPointers(s);
  listenToOverview(s);
  listenToKeys(s);
  s.observer = new ResizeObserver(([entry]) => { s.width = entry.contentRect.width; redraw(s); });
  s.observer.observe(s.parts.stage);
}

function unmount(key) {
  const s = mounted.get(key);
  if (!s) return;
  s.generation += 1;
  s.observer.disconnect();
  clearTimeout(s.resting);
  clearTimeout(s.saying);
  mounted.delete(key);
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) {
    unmount(key);
    s = null;
  }
  if (!s) {
    s = createState(parentElement);
    mounted.set(key, s);
    listen(s);
  }
  s.send = setTriggerValue;
  s.width = s.parts.stage.getBoundingClientRect().width || s.width;
  takeData(s, data);
  takeTheme(s);
  s.parts.stage.setAttribute("aria-label", s.texts.keys_help);
  refresh(s);
  return () => unmount(key);
}
