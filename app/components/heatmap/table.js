// The table itself: what its rows and columns are, and their nodes. Of a long session only the rows in sight are there.

const ROW_PX = 47;
const ROWS_AT_ONCE = 90; // more than so many rows are drawn only where they are in sight
const SPARE_ROWS = 12;
const NOTHING = 0.0005; // 0.05 points: below it a field counts as empty

// Points of probability, signed: 0.0312 -> "+3.1"; what would read as zero is a plain 0, and attention has no sign.
function points(s, value) {
  const size = Math.abs(value) * 100;
  if (size < 0.005) return "0";
  const digits = size < 0.095 ? 2 : 1;
  const text = formatter(Intl.NumberFormat, s.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size);
  return (s.kind === "curiosity" ? "" : value > 0 ? "+" : "−") + text;
}

function strength(value, peak) {
  return Math.round(Math.min(1, Math.sqrt(Math.abs(value) / peak)) * 88);
}

// The colour says sign and strength; stripes and a triangle say the sign once more, for those who cannot tell the colours.
function tint(value, peak) {
  const side = value >= 0 ? "var(--for)" : "var(--against)";
  const share = strength(value, peak);
  return { "--tint": `color-mix(in srgb, ${side} ${share}%, var(--back))`, color: share > 78 ? "var(--strong-ink)" : "inherit" };
}

function signClass(s, value) {
  return s.kind === "curiosity" || Math.abs(value) < NOTHING ? "" : value > 0 ? " for" : " against";
}

function peakOf(values) {
  return Math.max(1e-6, ...values.map(Math.abs));
}

// What is drawn, row by row: the events (by time or strongest first), the sessions' heads, the fold of earlier ones.
function planRows(s) {
  const from = s.earlier ? 0 : s.first;
  const events = Array.from({ length: s.rows.length - from }, (_, at) => from + at);
  if (s.sorted) return events.sort((one, two) => Math.abs(s.rowTotals[two]) - Math.abs(s.rowTotals[one])).map((t) => ({ kind: "event", t }));
  const plan = from > 0 ? [{ kind: "earlier", t: 0 }] : [];
  for (const t of events) {
    if (t === 0 || s.rows[t].session_id !== s.rows[t - 1].session_id) plan.push({ kind: "session", t });
    plan.push({ kind: "event", t });
  }
  return plan;
}

function planColumns(s) {
  const all = s.fields.map((_, f) => f);
  const from = s.earlier ? 0 : s.first;
  const told = all.filter((f) => s.values.slice(from).some((row) => Math.abs(row[f]) >= NOTHING));
  s.empty = all.length - told.length;
  return s.hideEmpty && told.length ? told : all;
}

function cell(s, t, f) {
  const value = s.values[t][f];
  const shown = s.rows[t].cells[f];
  const text = s.showing === "values" ? shown : points(s, value);
  return el("td", {
    class: "cell" + (s.showing === "numbers" ? " num" : "") + signClass(s, value), style: tint(value, s.peak), "data-t": t, "data-f": f, role: "gridcell",
    tabindex: s.at && s.at[0] === t && s.at[1] === f ? "0" : "-1",
    "aria-label": say(s.texts.cell, { field: s.fields[f].name, value: shown || s.texts.nothing, points: points(s, value) }),
  }, el("span", { class: "text" }, text));
}

function totalCell(s, value, peak) {
  return el("td", { class: "total num" + signClass(s, value), style: tint(value, peak), role: "gridcell" }, points(s, value));
}

function rowHead(s, t) {
  const row = s.rows[t];
  return el("th", { scope: "row", role: "rowheader" }, el("span", { class: "event" }, icon(row.type, 16),
    el("span", {}, el("b", {}, s.types[row.type] || row.type), el("span", { class: "muted num" }, " ", clockTime(row.t, s.language)),
      row.subject ? el("span", { class: "subject muted" }, row.subject) : null)));
}

function sessionRow(s, t, index) {
  return el("tr", { class: "session", role: "row", "aria-rowindex": index }, el("th", { scope: "rowgroup", colspan: s.columns.length + 2 },
    el("span", { class: "muted num" }, clockTime(s.rows[t].t, s.language, true), " UTC")));
}

function earlierRow(s, index) {
  const sums = s.columns.map((f) => s.values.slice(0, s.first).reduce((sum, row) => sum + row[f], 0));
  const all = s.rowTotals.slice(0, s.first).reduce((sum, value) => sum + value, 0);
  return el("tr", { class: "earlier", role: "row", "aria-rowindex": index },
    el("th", { scope: "row", role: "rowheader" }, el("button", { onclick: () => { s.earlier = true; draw(s); } }, say(s.texts.earlier, { n: s.first }))),
    sums.map((value) => el("td", { class: "num muted", role: "gridcell" }, points(s, value))), totalCell(s, all, s.rowPeak));
}

function eventRow(s, t, index) {
  const classes = [t === s.rows.length - 1 ? "explained" : "", s.rows[t].event_id === s.looked_at ? "looked" : ""].filter(Boolean).join(" ");
  return el("tr", { class: classes, role: "row", "aria-rowindex": index }, rowHead(s, t), s.columns.map((f) => cell(s, t, f)), totalCell(s, s.rowTotals[t], s.rowPeak));
}

function rowNode(s, index) {
  const { kind, t } = s.plan[index];
  if (kind === "session") return sessionRow(s, t, index + 2);
  return kind === "earlier" ? earlierRow(s, index + 2) : eventRow(s, t, index + 2);
}

function spacer(rows) {
  return el("tr", { class: "spacer", "aria-hidden": "true" }, el("td", { style: { height: rows * ROW_PX + "px", padding: "0", border: "0" } }));
}

// The rows to draw for where the table is scrolled to: [from, to).
function inSight(s) {
  if (s.plan.length <= ROWS_AT_ONCE) return [0, s.plan.length];
  const first = Math.floor(s.parts.scroll.scrollTop / ROW_PX);
  const many = Math.ceil((s.parts.scroll.clientHeight || 700) / ROW_PX);
  const from = Math.max(0, Math.min(first - SPARE_ROWS, s.plan.length - many - SPARE_ROWS));
  return [from, Math.min(s.plan.length, first + many + SPARE_ROWS)];
}

function bodyRows(s) {
  const [from, to] = (s.drawn = inSight(s));
  const rows = [];
  if (from > 0) rows.push(spacer(from));
  for (let index = from; index < to; index++) rows.push(rowNode(s, index));
  if (to < s.plan.length) rows.push(spacer(s.plan.length - to));
  return rows;
}

function table(s) {
  const sum = s.rowTotals.reduce((all, value) => all + value, 0);
  const long = s.plan.length > ROWS_AT_ONCE;
  return el("table", { role: "grid", class: long ? "long" : "", "aria-label": s.texts.table, "aria-rowcount": s.plan.length + 2, "aria-colcount": s.columns.length + 2 },
    el("thead", {}, el("tr", { role: "row", "aria-rowindex": 1 }, el("th", { scope: "col", class: "corner", role: "columnheader" }, s.texts.event),
      s.columns.map((f) => el("th", { scope: "col", class: "field", role: "columnheader", title: s.fields[f].help }, s.fields[f].name)), el("th", { scope: "col", class: "last", role: "columnheader" }, s.texts.total))),
    el("tbody", {}, bodyRows(s)),
    el("tfoot", {}, el("tr", { role: "row", "aria-rowindex": s.plan.length + 2 }, el("th", { scope: "row", role: "rowheader" }, s.texts.total),
      s.columns.map((f) => totalCell(s, s.fieldTotals[f], s.fieldPeak)), el("td", { class: "total num all", role: "gridcell" }, points(s, sum)))));
}
