// The heatmap: one row an event, one column a field, each cell coloured by what it added to the probability.
// A grid with headers; one cell at a time is in the tab order, the arrows move between cells, Enter looks into one.

const mounted = new Map();

function createState(parent) {
  const root = parent.querySelector(".heatmap");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return { root, parts, at: null, showing: "values", earlier: false, sorted: false, hideEmpty: false, stamp: null };
}

function takeData(s, data) {
  for (const name of ["texts", "language", "types", "fields", "rows", "values", "intent", "first", "visitor", "looked_at", "name", "kind", "can_look", "can_go"]) s[name] = data[name];
  s.rowTotals = s.values.map((row) => row.reduce((sum, value) => sum + value, 0));
  s.fieldTotals = s.fields.map((_, f) => s.values.reduce((sum, row) => sum + row[f], 0));
  s.whole = s.values.flat().reduce((sum, one) => sum + Math.abs(one), 0);
  const shown = s.values.flatMap((row, t) => (t >= s.first ? row : []));
  s.peak = Math.max(1e-6, quantile(shown.map(Math.abs), 0.995));
  [s.rowPeak, s.fieldPeak] = [peakOf(s.rowTotals), peakOf(s.fieldTotals)];
  const stamp = [s.rows.length, s.rows[s.rows.length - 1]?.event_id, data.intent.id].join("|");
  if (stamp !== s.stamp) {
    s.earlier = false;
    const strongest = s.values.flatMap((row, t) => row.map((value, f) => [t < s.first ? 0 : Math.abs(value), t, f])).reduce((one, two) => (two[0] > one[0] ? two : one), [-1, 0, 0]);
    s.at = [strongest[1], strongest[2]];
  }
  const about = [s.rows[s.rows.length - 1]?.event_id, data.intent.id].join("|");
  s.opens = about !== s.about; // an edit of the same session leaves the table where it was scrolled to
  [s.stamp, s.about] = [stamp, about];
}

function quantile(values, share) {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] || 0;
}

function toggle(s, name, text, extra) {
  return el("button", { class: s[name] ? "on" : "", "aria-pressed": String(s[name]), "data-toggle": name, onclick: () => { s[name] = !s[name]; draw(s); }, ...extra }, text);
}

function drawTools(s) {
  const choices = [["values", s.texts.show_values], ["numbers", s.texts.show_numbers]];
  s.parts.tools.replaceChildren(
    el("span", { class: "group", role: "group", "aria-label": s.texts.show },
      choices.map(([name, text]) => el("button", { class: s.showing === name ? "on" : "", "aria-pressed": String(s.showing === name), onclick: () => { s.showing = name; draw(s); } }, text))),
    toggle(s, "sorted", s.texts.strongest_first),
    s.empty ? toggle(s, "hideEmpty", say(s.texts.hide_empty, { n: s.empty })) : "",
    s.earlier && s.first > 0 ? el("button", { onclick: () => { s.earlier = false; draw(s); } }, s.texts.hide_earlier) : "");
  s.parts.save.replaceChildren(el("button", { "data-act": "png", onclick: () => savePicture(s) }, s.texts.png));
}

// The scale with its ends in numbers: of the cells, since totals are coloured by the largest of their own row or column.
function drawLegend(s) {
  const unsigned = s.kind === "curiosity";
  const [least, most] = [unsigned ? "0" : points(s, -s.peak), points(s, s.peak)];
  s.parts.legend.replaceChildren(
    el("span", {}, unsigned ? "" : "▼ ", s.texts.against), el("span", { class: "num" }, least), el("i", { class: "scale" + (unsigned ? " unsigned" : ""), "aria-hidden": "true" }),
    el("span", { class: "num" }, most), el("span", {}, say(s.texts.for, { name: s.intent.name }), unsigned ? "" : " ▲"),
    el("span", { class: "muted" }, s.texts.unit), s.can_look ? el("span", { class: "muted" }, s.texts.keys) : "");
}

function drawBody(s) {
  const body = s.parts.scroll.querySelector("tbody");
  const held = s.parts.scroll.getRootNode().activeElement?.matches?.(".cell");
  body.replaceChildren(...bodyRows(s));
  if (held) cellNode(s, ...s.at)?.focus({ preventScroll: true });
}

function cellNode(s, t, f) {
  return s.parts.scroll.querySelector(`.cell[data-t="${t}"][data-f="${f}"]`);
}

// Cells lie under the sticky head, foot and sides: keep the chosen one out from under them.
function reveal(s, node, index) {
  const box = s.parts.scroll;
  if (s.plan.length > ROWS_AT_ONCE && !node) {
    box.scrollTop = Math.max(0, index * ROW_PX - box.clientHeight / 2);
    drawBody(s);
    node = cellNode(s, ...s.at);
  }
  node?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return node;
}

// The cell `down` rows and `right` columns from the chosen one, as the table now stands.
function moveBy(s, down, right) {
  const events = s.plan.map((row, index) => [row, index]).filter(([row]) => row.kind === "event");
  const at = events.findIndex(([row]) => row.t === s.at[0]);
  const column = s.columns.indexOf(s.at[1]);
  const [row, index] = events[Math.min(Math.max(at + down, 0), events.length - 1)];
  focusCell(s, row.t, s.columns[Math.min(Math.max(column + right, 0), s.columns.length - 1)], index);
}

function focusCell(s, t, f, index) {
  s.parts.scroll.querySelector('.cell[tabindex="0"]')?.setAttribute("tabindex", "-1");
  s.at = [t, f];
  const node = reveal(s, cellNode(s, t, f), index);
  if (!node) return;
  node.setAttribute("tabindex", "0");
  node.focus({ preventScroll: true });
  drawDetail(s, s.at);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99], PageUp: [-10, 0], PageDown: [10, 0] };

function listen(s) {
  const place = (event) => {
    const node = event.target.closest(".cell");
    return node ? [Number(node.dataset.t), Number(node.dataset.f)] : null;
  };
  const box = s.parts.scroll;
  box.addEventListener("keydown", (event) => {
    const at = place(event);
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && s.can_look) { event.preventDefault(); look(s, at[0]); return; }
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    s.at = at;
    moveBy(s, ...by);
  });
  box.addEventListener("click", (event) => { const at = place(event); if (at) focusCell(s, ...at, 0); });
  box.addEventListener("focusin", (event) => { const at = place(event); if (at) drawDetail(s, (s.at = at)); });
  box.addEventListener("mouseover", (event) => { const at = place(event); if (at) drawDetail(s, at); });
  box.addEventListener("mouseleave", () => { if (s.at) drawDetail(s, s.at); });
  let asked = false;
  new ResizeObserver(() => s.plan && drawSight(s)).observe(box);
  box.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      drawSight(s);
      if (s.plan.length <= ROWS_AT_ONCE) return;
      const [from, to] = inSight(s);
      if (Math.abs(from - s.drawn[0]) > SPARE_ROWS / 2 || Math.abs(to - s.drawn[1]) > SPARE_ROWS / 2) drawBody(s);
    });
  });
}

function draw(s) {
  s.columns = planColumns(s);
  s.plan = planRows(s);
  if (!s.columns.includes(s.at[1])) s.at = [s.at[0], s.columns[0]];
  if (!s.plan.some((row) => row.kind === "event" && row.t === s.at[0])) s.at = [s.rows.length - 1, s.at[1]];
  drawTools(s);
  s.parts.scroll.replaceChildren(table(s)); // it stays where it was scrolled to, since nothing is laid out in between
  if (s.opens) showChosen(s);
  s.opens = false;
  drawLegend(s);
  drawDetail(s, s.at);
  sightLater(s);
  s.parts.said.textContent = s.looked_at && s.can_look ? say(s.texts.looked, { n: s.rows.findIndex((row) => row.event_id === s.looked_at) + 1 }) : "";
}

export default function ({ data, parentElement, key, setStateValue, setTriggerValue }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) s = null;
  if (!s) {
    s = createState(parentElement);
    mounted.set(key, s);
    listen(s);
  }
  s.tell = (event) => setStateValue("looked", event);
  s.go = (link) => setTriggerValue("go", link);
  takeData(s, data);
  paintIntents(s.root, []);
  draw(s);
  return () => mounted.delete(key);
}
