// The intent timeline: a visitor's events over the probabilities of each intent at every one of them.
// State of a mounted timeline lives in `mounted`; Streamlit calls the exported function at every rerun.

const mounted = new Map();

function createState(parent) {
  const root = parent.querySelector(".timeline");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return { root, parts, view: { from: -0.7, width: 1 }, hover: -1, selected: -1, byTime: false, lit: null, drag: null, frame: 0, width: 0, stamp: null };
}

function takeData(s, data) {
  for (const name of ["intents", "types", "texts", "language", "events", "probabilities", "session", "links"]) s[name] = data[name];
  s.sessionNotes = new Map(data.annotations.filter((one) => !one.event_id).map((one) => [one.session_id, one.intent]));
  s.eventNotes = new Map(data.annotations.filter((one) => one.event_id).map((one) => [one.event_id, one.intent]));
  cumulate(s);
  const stamp = [data.visitor, s.events.length, s.events[0]?.event_id, data.jump].join("|");
  if (stamp === s.stamp) return;
  s.stamp = stamp;
  layOut(s);
  s.hover = -1;
  s.selected = s.events.findIndex((event) => event.event_id === data.selected);
  const block = s.blocks.find((one) => one.session_id === data.session);
  if (block) showSpan(s, block.from, block.to);
  else showSpan(s, Math.max(0, s.events.length - 60), s.events.length - 1);
}

function cumulate(s) {
  const K = s.intents.length;
  s.cumulated = new Float32Array(s.events.length * (K + 1));
  s.top = new Uint8Array(s.events.length);
  if (!s.probabilities) return;
  s.probabilities.forEach((row, i) => {
    if (!row) return;
    for (let k = 0; k < K; k++) {
      s.cumulated[i * (K + 1) + k + 1] = s.cumulated[i * (K + 1) + k] + row[k];
      if (row[k] > row[s.top[i]]) s.top[i] = k;
    }
  });
}

function takeTheme(s) {
  s.colors = paintIntents(s.root, s.intents);
  const value = (name, other) => cssValue(s.root, name) || other;
  s.drawing = (s.drawing || 0) + 1; // data or theme may have changed: nothing painted before holds
  const back = value("--st-background-color", "#fff");
  s.ink = {
    grid: mix(back, 0.5), veil: mix(back, 0.72),
    text: value("--st-text-color", "#222"), back, soft: value("--st-secondary-background-color", "#f3f4f6"),
    line: value("--st-border-color", "#ccc"), accent: value("--st-primary-color", "#2f6fde"), muted: mix(value("--st-text-color", "#222"), 0.62),
    cart: value("--st-orange-color", "#c76a00"), order: value("--st-green-color", "#1a8a55"), removed: value("--st-red-color", "#d33"),
    font: value("--st-font", "sans-serif"),
  };
}

function mix(color, share) {
  const [red, green, blue] = colorChannels(color);
  return `rgba(${red}, ${green}, ${blue}, ${share})`;
}

function redraw(s) {
  if (s.frame) return;
  s.frame = requestAnimationFrame(() => {
    s.frame = 0;
    if (!s.root.isConnected || !s.width) return;
    s.pixelGap = (s.width / s.view.width) * SESSION_GAP;
    const stamp = [s.view.from, s.view.width, s.width, s.lit, s.drawing, s.byTime].join();
    if (stamp !== s.mainStamp) {
      paintMain(s);
      paintStrip(s);
    }
    s.mainStamp = stamp;
    paintCursor(s);
  });
}

function topIntents(s, index, count) {
  if (!s.probabilities?.[index]) return [];
  const before = index > 0 && s.events[index - 1].session_id === s.events[index].session_id ? s.probabilities[index - 1] : null;
  return s.probabilities[index]
    .map((value, k) => ({ intent: s.intents[k], value, change: before ? value - before[k] : null }))
    .sort((one, two) => two.value - one.value)
    .slice(0, count);
}

function eventWords(s, event) {
  return (s.types[event.type] || event.type) + (eventSubject(event) ? " · " + eventSubject(event) : "");
}

function intentLines(s, index, count) {
  return topIntents(s, index, count).map(({ intent, value, change }) =>
    el("div", { class: "share" },
      el("i", { style: { background: `var(--intent-${intent.id})` } }), el("span", { class: "name" }, intent.name),
      el("span", { class: "track" }, el("span", { style: { width: value * 100 + "%", background: `var(--intent-${intent.id})` } })),
      el("b", { class: "num" }, percent(value, s.language)),
      el("span", { class: "num muted change" }, change === null ? "" : points(s, change))));
}

// Whole points of probability, signed: 0.0312 -> "+3"; what would read as zero is a plain 0.
function points(s, change) {
  const size = Math.abs(change) * 100;
  return size < 0.5 ? "0" : (change > 0 ? "+" : "−") + number(size, s.language);
}

function showTip(s, pixel) {
  const event = s.events[s.hover];
  s.parts.tip.hidden = !event;
  if (!event) return;
  s.parts.tip.replaceChildren(
    el("b", {}, eventWords(s, event)),
    el("div", { class: "muted num" }, clockTime(event.t, s.language, true), event.price !== null ? " · " + money(event.price, event.currency, s.language) : ""),
    ...intentLines(s, s.hover, 3));
  const wide = 250;
  s.parts.tip.style.left = Math.min(Math.max(pixel + 14, 4), Math.max(4, s.width - wide - 4)) + "px";
  if (pixel + 14 > s.width - wide - 4) s.parts.tip.style.left = Math.max(4, pixel - wide - 14) + "px";
}

function link(s, page, query, text, className) {
  const href = s.links[page] + "?" + new URLSearchParams(query);
  return el("a", { href, class: className || "button", "data-page": page, onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    s.send("go", { page, query });
  } }, text);
}

function drawDetail(s) {
  const event = s.events[s.selected];
  if (!event) {
    s.parts.detail.replaceChildren(el("span", { class: "muted" }, s.texts.choose_event));
    return;
  }
  const best = topIntents(s, s.selected, 1)[0];
  const note = s.eventNotes.get(event.event_id) || s.sessionNotes.get(event.session_id);
  const noted = note && s.intents.find((one) => one.id === note);
  const facts = [event.category, event.brand, money(event.price, event.currency, s.language)].filter(Boolean).join(" · ");
  s.parts.detail.replaceChildren(
    el("div", { class: "about" },
      event.image ? el("img", { src: event.image, alt: "", width: 52, height: 52, onerror: (error) => error.target.remove() }) : null,
      el("div", {}, el("b", {}, icon(event.type, 16), " ", eventWords(s, event)), el("div", { class: "muted num" }, clockTime(event.t, s.language, true) + " UTC"),
        facts ? el("div", { class: "muted" }, facts) : null,
        noted ? el("div", {}, say(s.texts.annotated_as, { name: noted.name })) : null)),
    el("div", { class: "shares" }, intentLines(s, s.selected, s.intents.length)),
    el("div", { class: "acts" },
      best ? link(s, "explain", { session: event.session_id, event: event.event_id, intent: best.intent.id }, say(s.texts.explain_event, { name: best.intent.name }), "button main") : null,
      link(s, "label", { session: event.session_id }, s.texts.label_session)));
}

function choose(s, index, tell = true) {
  if (index < 0 || index >= s.events.length) return;
  s.selected = index;
  reveal(s, index);
  drawDetail(s);
  redraw(s);
  clearTimeout(s.telling);
  const { event_id, session_id } = s.events[index];
  if (tell) s.telling = setTimeout(() => s.send("chosen", { event_id, session_id }), 350);
}

function jumpToDay(s, text) {
  const wanted = Date.parse(text + "T00:00:00Z");
  if (Number.isNaN(wanted)) return;
  let index = s.events.findIndex((event) => event.t >= wanted);
  if (index < 0) index = s.events.length - 1;
  const block = s.blocks.find((one) => one.from <= index && index <= one.to);
  showSpan(s, block.from, block.to);
  choose(s, index);
}

function drawTools(s) {
  const day = (event) => new Date(event.t).toISOString().slice(0, 10);
  const tool = (text, title, work) => el("button", { title, "aria-label": title, onclick: () => { work(); redraw(s); } }, text);
  const stepBlock = (by) => {
    const index = s.selected >= 0 ? s.selected : visibleRange(s)[0];
    const at = s.blocks.findIndex((one) => one.from <= index && index <= one.to);
    const block = s.blocks[Math.min(Math.max(at + by, 0), s.blocks.length - 1)];
    showSpan(s, block.from, block.to);
    choose(s, block.from);
  };
  const date = el("input", { type: "date", min: day(s.events[0]), max: day(s.events[s.events.length - 1]), value: day(s.events[Math.max(0, s.selected)]), onchange: (event) => jumpToDay(s, event.target.value) });
  s.parts.tools.replaceChildren(
    el("span", { class: "group" }, tool("‹", s.texts.previous_session, () => stepBlock(-1)), tool("›", s.texts.next_session, () => stepBlock(1))),
    el("span", { class: "group" }, tool("−", s.texts.zoom_out, () => zoomAt(s, 1.6, s.width / 2)), tool("+", s.texts.zoom_in, () => zoomAt(s, 1 / 1.6, s.width / 2)),
      tool(s.texts.whole, s.texts.whole_help, () => showSpan(s, 0, s.events.length - 1))),
    el("span", { class: "group", role: "group", "aria-label": s.texts.scale },
      [["event", false], ["time", true]].map(([name, byTime]) => el("button", { "aria-pressed": String(s.byTime === byTime), class: s.byTime === byTime ? "on" : "", onclick: () => setScale(s, byTime) }, s.texts["by_" + name]))),
    el("label", { class: "jump" }, s.texts.jump, " ", date));
}

function setScale(s, byTime) {
  const [from, to] = visibleRange(s);
  s.byTime = byTime;
  layOut(s);
  showSpan(s, from, to);
  drawTools(s);
  redraw(s);
}

function drawLegend(s) {
  const swatch = (intent) => el("button", { class: s.lit === intent.id ? "on" : "", "aria-pressed": String(s.lit === intent.id), title: s.texts.highlight, onclick: () => {
    s.lit = s.lit === intent.id ? null : intent.id;
    drawLegend(s);
    redraw(s);
  } }, el("i", { style: { background: `var(--intent-${intent.id})` } }), intent.name);
  s.parts.legend.replaceChildren(...(s.probabilities ? s.intents.map(swatch) : [el("span", { class: "muted" }, s.texts.no_model)]),
    el("span", { class: "muted key" }, el("span", { class: "diamond" }, "◆"), " ", s.texts.annotation));
}

const KEYS = {
  ArrowRight: (s) => choose(s, s.selected + 1), ArrowLeft: (s) => choose(s, s.selected < 0 ? s.events.length - 1 : s.selected - 1),
  Home: (s) => choose(s, 0), End: (s) => choose(s, s.events.length - 1),
  "+": (s) => zoomAt(s, 1 / 1.6, s.selected < 0 ? s.width / 2 : toPixel(s, s.x[s.selected])),
  "=": (s) => KEYS["+"](s), "-": (s) => zoomAt(s, 1.6, s.selected < 0 ? s.width / 2 : toPixel(s, s.x[s.selected])),
  Enter: (s) => s.parts.detail.querySelector("a.main")?.click(),
};

function listen(s) {
  const { stage, overview, tip } = s.parts;
  const at = (event) => event.clientX - s.parts.main.getBoundingClientRect().left;
  stage.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    KEYS[event.key](s);
    redraw(s);
  });
  stage.addEventListener("pointerdown", (event) => { s.drag = { x: at(event), from: s.view.from, moved: false }; });
  stage.addEventListener("pointermove", (event) => {
    const x = at(event);
    if (s.drag && event.buttons && Math.abs(x - s.drag.x) > 4) {
      if (!s.drag.moved) stage.setPointerCapture(event.pointerId);
      s.drag.moved = true;
    }
    if (s.drag?.moved) {
      s.view.from = s.drag.from - ((x - s.drag.x) / s.width) * s.view.width;
      clampView(s);
      tip.hidden = true;
    } else {
      s.hover = nearestEvent(s, x);
      showTip(s, x);
    }
    redraw(s);
  });
  stage.addEventListener("pointerup", (event) => {
    if (s.drag && !s.drag.moved) choose(s, nearestEvent(s, at(event)));
    s.drag = null;
  });
  stage.addEventListener("pointerleave", () => { s.hover = -1; tip.hidden = true; redraw(s); });
  stage.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) zoomAt(s, Math.exp(event.deltaY * 0.004), at(event));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) { s.view.from += ((event.deltaX || event.deltaY) / s.width) * s.view.width; clampView(s); }
    else return;
    event.preventDefault();
    redraw(s);
  }, { passive: false });
  const pan = (event) => {
    if (!event.buttons) return;
    s.view.from = (at(event) / s.width) * (s.span + 1.4) - 0.7 - s.view.width / 2;
    clampView(s);
    redraw(s);
  };
  overview.addEventListener("pointerdown", (event) => { overview.setPointerCapture(event.pointerId); pan(event); });
  overview.addEventListener("pointermove", pan);
  s.observer = new ResizeObserver(([entry]) => { s.width = entry.contentRect.width; redraw(s); });
  s.observer.observe(s.root);
}

function unmount(key) {
  const s = mounted.get(key);
  if (!s) return;
  s.observer.disconnect();
  clearTimeout(s.telling);
  mounted.delete(key);
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) {
    unmount(key);
    s = null;
  }
  const fresh = !s;
  if (fresh) {
    s = createState(parentElement);
    mounted.set(key, s);
    listen(s);
  }
  s.send = setTriggerValue;
  s.width = s.root.clientWidth || s.width;
  takeData(s, data);
  takeTheme(s);
  s.parts.stage.setAttribute("aria-label", s.texts.keys_help);
  drawTools(s);
  drawLegend(s);
  drawDetail(s);
  redraw(s);
  return () => unmount(key);
}
