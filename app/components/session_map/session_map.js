// The map of sessions. Points are drawn by category in one pass; the outline is in the map's own unit, so that it
// stays where it is when the view moves.

const mounted = new Map();
const TOOLS = ["lasso", "box", "pan"];
const CLICK = 5;

// base64 -> numbers of two bytes or one
function bytesOf(text, kind) {
  return new kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

function takeData(s, data) {
  for (const name of ["texts", "language", "categories"]) s[name] = data[name];
  s.places = bytesOf(data.places, Int16Array);
  s.shades = bytesOf(data.shades, Uint8Array);
  s.events = bytesOf(data.events, Uint8Array);
  s.ids = data.session_ids.split("\n");
  if (data.stamp !== s.stamp) {  // another colouring, or another map: what was hidden meant other categories
    s.hidden = new Set(data.hidden || []);
    s.stamp = data.stamp;
  }
  if (!s.drawing) s.outline = data.outline && data.outline.length ? data.outline : null;
  s.chosen = choose(s);
}

function choose(s) {
  const chosen = new Uint8Array(s.shades.length);
  if (!s.outline || s.outline.length < 3) return chosen;
  for (let at = 0; at < chosen.length; at++) {
    if (!s.hidden.has(s.shades[at]) && isInside(s.outline, s.places[2 * at], s.places[2 * at + 1])) chosen[at] = 1;
  }
  return chosen;
}

function measure(s) {
  const width = s.parts.stage.clientWidth;
  const height = Math.round(Math.min(560, Math.max(300, width * 0.72)));
  if (!width || (width === s.width && height === s.height)) return;
  const first = !s.width;
  [s.width, s.height] = [width, height];
  const ratio = window.devicePixelRatio || 1;
  [s.parts.canvas.width, s.parts.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  s.parts.canvas.style.height = height + "px";
  s.context = s.parts.canvas.getContext("2d");
  s.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (first) fitView(s);
}

function paint(s) {
  measure(s);
  if (!s.context) return;
  const { context } = s;
  context.clearRect(0, 0, s.width, s.height);
  const size = Math.min(7, (s.shades.length > 5000 ? 2.8 : 3.8) * Math.sqrt(Math.max(1, s.scale / (Math.min(s.width, s.height) / (2.1 * REACH)))));
  const some = s.chosen.includes(1);
  s.categories.forEach((category, shade) => {
    if (s.hidden.has(shade)) return;
    context.fillStyle = s.dark ? category.color_dark : category.color;
    for (const bright of some ? [0, 1] : [0]) {
      context.globalAlpha = some ? (bright ? 1 : 0.22) : 0.8;
      for (let at = 0; at < s.shades.length; at++) {
        if (s.shades[at] !== shade || (some && s.chosen[at] !== bright)) continue;
        context.fillRect(toX(s, s.places[2 * at]) - size / 2, toY(s, s.places[2 * at + 1]) - size / 2, size, size);
      }
    }
  });
  context.globalAlpha = 1;
  paintOutline(s);
}

function paintOutline(s) {
  if (!s.outline) return;
  s.context.beginPath();
  for (const [x, y] of s.outline) s.context.lineTo(toX(s, x), toY(s, y));
  s.context.closePath();
  s.context.strokeStyle = s.accent;
  s.context.lineWidth = 2;
  s.context.setLineDash([6, 4]);
  s.context.stroke();
  s.context.setLineDash([]);
}

function soon(s) {
  if (s.frame) return;
  s.frame = requestAnimationFrame(() => { s.frame = 0; paint(s); });
}

function drawTools(s) {
  const tool = (name) => el("button", { "aria-pressed": String(s.tool === name), onclick: () => { s.tool = name; drawTools(s); } }, s.texts["tool_" + name]);
  const zoom = (factor) => () => { zoomAt(s, factor, s.width / 2, s.height / 2); soon(s); };
  s.parts.stage.dataset.tool = s.tool;
  s.parts.tools.replaceChildren(
    el("span", { class: "group", role: "group", "aria-label": s.texts.tools }, TOOLS.map(tool)),
    el("span", { class: "group" },
      el("button", { "aria-label": s.texts.zoom_out, title: s.texts.zoom_out, onclick: zoom(1 / 1.5) }, "−"),
      el("button", { "aria-label": s.texts.zoom_in, title: s.texts.zoom_in, onclick: zoom(1.5) }, "+"),
      el("button", { onclick: () => { fitView(s); soon(s); } }, s.texts.whole)),
    el("button", { onclick: () => outlined(s, viewOutline(s)) }, s.texts.visible),
    ...(s.outline ? [el("button", { onclick: () => outlined(s, null) }, s.texts.clear)] : []),
    el("span", { class: "count num" }, say(s.texts.drawn, { n: number(s.shades.length, s.language) })));
}

function viewOutline(s) {
  return thinned(boxOutline([fromX(s, 0), fromY(s, 0)], [fromX(s, s.width), fromY(s, s.height)]), 0);
}

function outlined(s, outline) {
  s.outline = outline;
  s.chosen = choose(s);
  drawTools(s);
  soon(s);
  s.send("outlined", { outline: outline || [], hidden: [...s.hidden], at: Date.now() });
}

function drawLegend(s) {
  const counts = new Map();
  for (const shade of s.shades) counts.set(shade, (counts.get(shade) || 0) + 1);
  const entry = (category, shade) => el("button", {
    "aria-pressed": String(!s.hidden.has(shade)), title: s.texts.legend_hint,
    onclick: () => {
      if (!s.hidden.delete(shade)) s.hidden.add(shade);
      drawLegend(s);
      if (s.outline) outlined(s, s.outline);
      s.chosen = choose(s);
      soon(s);
    },
  }, el("i", { style: { background: s.dark ? category.color_dark : category.color } }), category.name, el("span", { class: "muted num" }, number(counts.get(shade) || 0, s.language)));
  s.parts.legend.replaceChildren(...s.categories.map(entry));
}

function tell(s, at, px, py) {
  const { tip } = s.parts;
  tip.hidden = at < 0;
  if (at < 0) return;
  const events = s.events[at] === 255 ? "255+" : String(s.events[at]);
  tip.replaceChildren(el("b", {}, s.ids[at]), el("div", {}, s.categories[s.shades[at]].name), el("div", { class: "muted" }, say(s.texts.events, { n: events })));
  tip.style.left = Math.max(0, Math.min(px + 14, s.width - 200)) + "px";
  tip.style.top = Math.max(0, Math.min(py + 14, s.height - 80)) + "px";
}

function listen(s) {
  const { stage } = s.parts;
  const at = (event) => { const box = s.parts.canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    stage.setPointerCapture(event.pointerId);
    s.drawing = { from: at(event), last: at(event), moved: 0, path: [], before: s.outline };
    tell(s, -1);
  });
  stage.addEventListener("pointermove", (event) => {
    const [px, py] = at(event);
    const d = s.drawing;
    if (!d) { tell(s, nearestPoint(s, px, py), px, py); return; }
    d.moved = Math.max(d.moved, Math.hypot(px - d.from[0], py - d.from[1]));
    if (s.tool === "pan") { s.left -= (px - d.last[0]) / s.scale; s.top += (py - d.last[1]) / s.scale; }
    else if (d.moved >= CLICK) {
      d.path.push([fromX(s, px), fromY(s, py)]);
      s.outline = s.tool === "lasso" ? d.path : boxOutline([fromX(s, d.from[0]), fromY(s, d.from[1])], [fromX(s, px), fromY(s, py)]);
    }
    d.last = [px, py];
    soon(s);
  });
  const end = (event) => {
    const d = s.drawing;
    s.drawing = null;
    if (!d) return;
    if (event.type === "pointercancel") { s.outline = d.before; soon(s); return; }
    if (d.moved < CLICK) {
      const found = nearestPoint(s, ...at(event));
      if (found >= 0) s.send("opened", { session_id: s.ids[found], at: Date.now() });
      return;
    }
    if (s.tool !== "pan") outlined(s, thinned(s.outline, 2 / s.scale));
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => { if (!s.drawing) tell(s, -1); });
  stage.addEventListener("wheel", (event) => { event.preventDefault(); zoomAt(s, Math.exp(-event.deltaY / 500), ...at(event)); soon(s); }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const step = 60 / s.scale;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) { s.left += moves[event.key][0]; s.top += moves[event.key][1]; }
    else if (event.key === "+" || event.key === "=") zoomAt(s, 1.5, s.width / 2, s.height / 2);
    else if (event.key === "-") zoomAt(s, 1 / 1.5, s.width / 2, s.height / 2);
    else if (event.key === "Enter") outlined(s, viewOutline(s));
    else if (event.key === "Escape" && s.outline) outlined(s, null);
    else return;
    event.preventDefault();
    soon(s);
  });
  s.watch = new ResizeObserver(() => soon(s));
  s.watch.observe(stage);
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) { s.watch.disconnect(); s = null; }
  if (!s) {
    const root = parentElement.querySelector(".map");
    s = { root, parts: Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node])), tool: "lasso", hidden: new Set() };
    mounted.set(key, s);
    listen(s);
  }
  s.send = setTriggerValue;
  s.dark = isDark(s.root);
  paintIntents(s.root, []);
  s.accent = cssValue(s.root, "--st-primary-color") || "#2f6fde";
  takeData(s, data);
  s.parts.stage.setAttribute("aria-label", s.texts.help);
  drawTools(s);
  drawLegend(s);
  paint(s);
  return () => { s.watch.disconnect(); mounted.delete(key); };
}
