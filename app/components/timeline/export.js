// Takes what is shown out of the page: the picture as PNG, the events as CSV. Nothing is asked of the server.

const PNG_SCALE = 2;
const PNG_HEAD = 66;
const PNG_SIDE = 14;

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor); // Firefox follows only what is in the page
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function fileName(s, from, to, ending) {
  const days = [...new Set([dayOf(s.events[from].t), dayOf(s.events[to].t)])].join("_");
  return `timeline-${s.visitor.replace(/[^\w.-]+/g, "_").slice(0, 60)}-${days}.${ending}`;
}

const CSV_COLUMNS = ["event_id", "occurred_at", "visitor_id", "session_id", "type", "name", "item_id", "title", "query", "text", "category", "brand", "price", "currency", "quantity", "order_id", "cart_value"];

// A spreadsheet runs a text that begins like a formula; an apostrophe keeps it a text. As app/spreadsheet.py does.
function inert(value) {
  const runs = typeof value === "string" && /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?$/.test(value);
  return runs ? "'" + value : String(value);
}

function csvField(value) {
  const text = value === null || value === undefined ? "" : inert(value);
  return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

function csvOf(s, from, to) {
  const prefixes = s.tracks.map((_, n) => (n ? "p2_" : "p_"));
  const head = [...CSV_COLUMNS, "labels", "intent_change", ...prefixes.flatMap((prefix) => s.intents.map((intent) => prefix + intent.id))];
  const changes = new Map((s.tracks[0]?.changes || []).map((one) => [one.index, one.before + ">" + one.after]));
  const rows = [head];
  for (let i = from; i <= to; i++) {
    const event = { ...s.events[i], visitor_id: s.events[i].visitor_id ?? s.visitor, occurred_at: new Date(s.events[i].t).toISOString() };
    const labels = notesAt(s, event).filter((note) => note.intent).map((note) => `${note.event_id ? "event" : "session"}:${note.intent}:${note.annotator}`);
    const scores = s.tracks.flatMap((track) => { const row = scoresOf(s, track, i); return s.intents.map((_, k) => (row ? row[k].toFixed(4) : "")); });
    rows.push([...CSV_COLUMNS.map((name) => event[name]), labels.join(" "), changes.get(i) || "", ...scores]);
  }
  return rows.map((row) => row.map(csvField).join(",")).join("\r\n") + "\r\n";
}

function downloadCsv(s, from, to) {
  if (!s.events.length) return;
  save(new Blob(["\ufeff" + csvOf(s, from, to)], { type: "text/csv;charset=utf-8" }), fileName(s, from, to, "csv"));
}

// The lanes at twice their size with title, legend and lane names: the same painters, on a canvas of its own.
function picture(s) {
  const canvas = el("canvas");
  const gutter = Math.max(GUTTER, 90), width = gutter + s.width + 2 * PNG_SIDE, height = PNG_HEAD + s.height + PNG_SIDE;
  const context = fitCanvas({ ratio: PNG_SCALE }, canvas, width, height);
  context.fillStyle = s.ink.back;
  context.fillRect(0, 0, width, height);
  paintTitle(s, context, width);
  paintLegend(s, context);
  paintNames(s, context);
  context.save();
  context.translate(PNG_SIDE + gutter, PNG_HEAD);
  context.beginPath();
  context.rect(0, 0, s.width, s.height);
  context.clip();
  paintLanes(s, context);
  context.restore();
  return canvas;
}

function paintTitle(s, context, width) {
  const [from, to] = shownRange(s);
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillStyle = s.ink.text;
  context.font = `600 15px ${s.ink.font}`;
  context.fillText(s.visitor, PNG_SIDE, 22, width / 2);
  context.font = `12px ${s.ink.font}`;
  context.fillStyle = s.ink.muted;
  context.textAlign = "right";
  const span = clockTime(s.events[from].t, s.language, true) + " – " + clockTime(s.events[to].t, s.language, true) + " UTC";
  context.fillText([span, s.tracks.map((track) => track.name).join(" / ")].filter(Boolean).join(" · "), width - PNG_SIDE, 22, width / 2);
}

function paintLegend(s, context) {
  context.textAlign = "left";
  let x = PNG_SIDE;
  for (const [k, intent] of (s.tracks.length ? s.intents : []).entries()) {
    context.fillStyle = s.solid[k];
    context.fillRect(x, 42, 11, 11);
    context.fillStyle = s.ink.text;
    context.fillText(intent.name, x + 16, 48);
    x += 32 + context.measureText(intent.name).width;
  }
}

function paintNames(s, context) {
  context.fillStyle = s.ink.muted;
  context.textBaseline = "top";
  for (const lane of Object.values(s.lanes)) context.fillText(fitted(context, lane.name, GUTTER - 12), PNG_SIDE, PNG_HEAD + lane.top + 3);
  context.textBaseline = "middle";
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(text.slice(0, end) + "…").width > width) end -= 1;
  return text.slice(0, end) + "…";
}

function downloadPng(s) {
  if (!s.events.length) return;
  const name = fileName(s, ...shownRange(s), "png");
  picture(s).toBlob((blob) => save(blob, name), "image/png");
}
