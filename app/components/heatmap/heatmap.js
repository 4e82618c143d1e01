// The heatmap: one row an event, one column a field, each cell coloured by what it added to the probability.
// A real table with headers; one cell at a time is in the tab order, the arrows move between cells.

const mounted = new Map();

function createState(parent) {
  const root = parent.querySelector(".heatmap");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return { root, parts, at: null, showing: "values", earlier: false, stamp: null };
}

function takeData(s, data) {
  for (const name of ["texts", "language", "types", "fields", "rows", "values", "intent", "first"]) s[name] = data[name];
  s.rowTotals = s.values.map((row) => row.reduce((sum, value) => sum + value, 0));
  s.fieldTotals = s.fields.map((_, f) => s.values.reduce((sum, row) => sum + row[f], 0));
  const shown = s.values.flatMap((row, t) => (t >= s.first ? row : []));
  s.peak = Math.max(1e-6, quantile(shown.map(Math.abs), 0.995));
  const stamp = [s.rows.length, s.rows[s.rows.length - 1]?.event_id, data.intent].join("|");
  if (stamp !== s.stamp) {
    s.earlier = false;
    const strongest = s.values.flatMap((row, t) => row.map((value, f) => [t < s.first ? 0 : Math.abs(value), t, f])).reduce((one, two) => (two[0] > one[0] ? two : one), [-1, 0, 0]);
    s.at = [strongest[1], strongest[2]];
  }
  s.stamp = stamp;
}

function quantile(values, share) {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] || 0;
}

// Points of probability, signed: 0.0312 -> "+3.1"; what would read as zero is a plain 0.
function points(s, value) {
  const size = Math.abs(value) * 100;
  if (size < 0.005) return "0";
  const digits = size < 0.095 ? 2 : 1;
  const text = formatter(Intl.NumberFormat, s.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size);
  return (value > 0 ? "+" : "−") + text;
}

function strength(s, value, peak) {
  return Math.round(Math.min(1, Math.sqrt(Math.abs(value) / peak)) * 88);
}

function tint(s, value, peak) {
  const side = value >= 0 ? "var(--for)" : "var(--against)";
  const share = strength(s, value, peak);
  return { background: `color-mix(in srgb, ${side} ${share}%, var(--back))`, color: share > 78 ? "var(--strong-ink)" : "inherit" };
}

function cell(s, t, f) {
  const value = s.values[t][f];
  const shown = s.rows[t].cells[f];
  const text = s.showing === "values" ? shown : points(s, value);
  const field = s.fields[f].name;
  return el("td", {
    class: "cell" + (s.showing === "numbers" ? " num" : ""), style: tint(s, value, s.peak), "data-t": t, "data-f": f,
    tabindex: s.at && s.at[0] === t && s.at[1] === f ? "0" : "-1",
    "aria-label": say(s.texts.cell, { field, value: shown || s.texts.nothing, points: points(s, value) }),
  }, el("span", { class: "text" }, text));
}

function totalCell(s, value, peak) {
  return el("td", { class: "total num", style: tint(s, value, peak) }, points(s, value));
}

function rowHead(s, t) {
  const row = s.rows[t];
  return el("th", { scope: "row" }, el("span", { class: "event" }, icon(row.type, 16),
    el("span", {}, el("b", {}, s.types[row.type] || row.type), el("span", { class: "muted num" }, " ", clockTime(row.t, s.language)),
      row.subject ? el("span", { class: "subject muted" }, row.subject) : null)));
}

function sessionRow(s, t) {
  return el("tr", { class: "session" }, el("th", { scope: "rowgroup", colspan: s.fields.length + 2 },
    el("span", { class: "muted num" }, clockTime(s.rows[t].t, s.language, true), " UTC")));
}

function earlierRow(s) {
  const sums = s.fields.map((_, f) => s.values.slice(0, s.first).reduce((sum, row) => sum + row[f], 0));
  const all = sums.reduce((sum, value) => sum + value, 0);
  return el("tr", { class: "earlier" },
    el("th", { scope: "row" }, el("button", { onclick: () => { s.earlier = true; draw(s); } }, say(s.texts.earlier, { n: s.first }))),
    sums.map((value) => el("td", { class: "num muted" }, points(s, value))), totalCell(s, all, peakOf(s.rowTotals)));
}

function peakOf(values) {
  return Math.max(1e-6, ...values.map(Math.abs));
}

function table(s) {
  const from = s.earlier ? 0 : s.first;
  const body = [];
  if (from > 0) body.push(earlierRow(s));
  for (let t = from; t < s.rows.length; t++) {
    if (t === 0 || s.rows[t].session_id !== s.rows[t - 1].session_id) body.push(sessionRow(s, t));
    body.push(el("tr", { class: t === s.rows.length - 1 ? "explained" : "" }, rowHead(s, t),
      s.fields.map((_, f) => cell(s, t, f)), totalCell(s, s.rowTotals[t], peakOf(s.rowTotals))));
  }
  const sum = s.rowTotals.reduce((all, value) => all + value, 0);
  return el("table", { role: "grid", "aria-label": s.texts.table },
    el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "corner" }, s.texts.event),
      s.fields.map((field) => el("th", { scope: "col", title: field.help }, field.name)), el("th", { scope: "col", class: "last" }, s.texts.total))),
    el("tbody", {}, body),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, s.texts.total),
      s.fieldTotals.map((value) => totalCell(s, value, peakOf(s.fieldTotals))), el("td", { class: "total num all" }, points(s, sum)))));
}

function drawTools(s) {
  const choices = [["values", s.texts.show_values], ["numbers", s.texts.show_numbers]];
  s.parts.tools.replaceChildren(
    el("span", { class: "group", role: "group", "aria-label": s.texts.show },
      choices.map(([name, text]) => el("button", { class: s.showing === name ? "on" : "", "aria-pressed": String(s.showing === name), onclick: () => { s.showing = name; draw(s); } }, text))),
    s.earlier && s.first > 0 ? el("button", { onclick: () => { s.earlier = false; draw(s); } }, s.texts.hide_earlier) : "");
}

function drawLegend(s) {
  s.parts.legend.replaceChildren(
    el("span", {}, s.texts.against), el("i", { class: "scale", "aria-hidden": "true" }), el("span", {}, say(s.texts.for, { name: s.intent.name })),
    el("span", { class: "muted" }, s.texts.unit));
}

function drawDetail(s, [t, f]) {
  const row = s.rows[t];
  const value = s.values[t][f];
  const whole = s.values.flat().reduce((sum, one) => sum + Math.abs(one), 0);
  s.parts.detail.replaceChildren(
    el("b", {}, s.fields[f].name), ": ", el("span", { class: "shown" }, row.cells[f] || s.texts.nothing), " · ",
    el("span", {}, s.types[row.type] || row.type, " ", el("span", { class: "num" }, clockTime(row.t, s.language))), " · ",
    el("b", { class: "num " + (value < 0 ? "minus" : "plus") }, points(s, value)), " ", s.texts.points, " ",
    el("span", { class: "muted" }, say(s.texts.share, { share: percent(whole ? Math.abs(value) / whole : 0, s.language, 1) })),
    el("div", { class: "muted" }, s.fields[f].help));
}

function focusCell(s, t, f, move = true) {
  const from = s.earlier ? 0 : s.first;
  const [row, column] = [Math.min(Math.max(t, from), s.rows.length - 1), Math.min(Math.max(f, 0), s.fields.length - 1)];
  s.parts.scroll.querySelector('.cell[tabindex="0"]')?.setAttribute("tabindex", "-1");
  s.at = [row, column];
  const node = s.parts.scroll.querySelector(`.cell[data-t="${row}"][data-f="${column}"]`);
  if (!node) return;
  node.setAttribute("tabindex", "0");
  if (move) node.focus({ preventScroll: false });
  drawDetail(s, s.at);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] };

function listen(s) {
  const place = (event) => {
    const node = event.target.closest(".cell");
    return node ? [Number(node.dataset.t), Number(node.dataset.f)] : null;
  };
  s.parts.scroll.addEventListener("keydown", (event) => {
    const at = place(event);
    const by = STEPS[event.key];
    if (!at || !by || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    focusCell(s, at[0] + by[0], at[1] + by[1]);
  });
  s.parts.scroll.addEventListener("click", (event) => { const at = place(event); if (at) focusCell(s, ...at); });
  s.parts.scroll.addEventListener("focusin", (event) => { const at = place(event); if (at) drawDetail(s, at); });
  s.parts.scroll.addEventListener("mouseover", (event) => { const at = place(event); if (at) drawDetail(s, at); });
  s.parts.scroll.addEventListener("mouseleave", () => { if (s.at) drawDetail(s, s.at); });
}

function draw(s) {
  drawTools(s);
  const left = s.parts.scroll.scrollLeft;
  s.parts.scroll.replaceChildren(table(s));
  s.parts.scroll.scrollLeft = left;
  drawLegend(s);
  if (s.at) drawDetail(s, s.at);
}

export default function ({ data, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) s = null;
  if (!s) {
    s = createState(parentElement);
    mounted.set(key, s);
    listen(s);
  }
  takeData(s, data);
  paintIntents(s.root, []);
  draw(s);
  return () => mounted.delete(key);
}
