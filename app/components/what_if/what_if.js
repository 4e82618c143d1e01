// The editor: rows of events with their edits on the right, bars before and after on the left.
// The browser keeps the list of edits and its history; the server answers what they do.

const mounted = new Map();
const PAUSE_MS = 20; // while an answer is awaited, several edits in so short a time are asked about once

function createState(parent) {
  const root = parent.querySelector(".what-if");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return { root, parts, edits: [], past: [], future: [], version: null, open: null, inserting: undefined, timer: null };
}

function takeData(s, data) {
  for (const name of ["texts", "language", "types", "intents", "rows", "before", "after", "error", "choices"]) s[name] = data[name];
  s.waiting = JSON.stringify(s.edits) !== (data.edits || "[]");
  if (data.version === s.version) return;
  if (s.version !== null) s.past.push(s.edits);
  s.version = data.version;
  s.edits = JSON.parse(data.edits || "[]");
  s.future = [];
  s.waiting = false;
}

function send(s) {
  clearTimeout(s.timer);
  const tell = () => s.tell(s.edits.length ? JSON.stringify(s.edits) : "");
  if (s.waiting) s.timer = setTimeout(tell, PAUSE_MS);
  else tell();
  s.waiting = true;
}

function commit(s, edits) {
  s.past.push(s.edits);
  s.future = [];
  s.edits = edits;
  asked(s);
}

function step(s, from, to) {
  if (!from.length) return;
  to.push(s.edits);
  s.edits = from.pop();
  asked(s);
}

// The answer draws bars and rows; until it comes only what is open may have changed among them.
function asked(s) {
  send(s);
  drawTools(s);
  if (s.drawnOpen !== openOf(s)) drawRows(s);
}

function openOf(s) {
  return `${s.open}|${s.inserting}`;
}

function tool(text, act, off, extra = {}) {
  return el("button", { onclick: act, disabled: off, ...extra }, text);
}

function drawTools(s) {
  s.parts.tools.replaceChildren(
    tool(s.texts.undo, () => step(s, s.past, s.future), !s.past.length),
    tool(s.texts.redo, () => step(s, s.future, s.past), !s.future.length),
    tool(s.texts.reset, () => commit(s, []), !s.edits.length),
    el("span", { class: "muted num", "data-count": s.edits.length }, say(s.edits.length === 1 ? s.texts.one_edit : s.texts.edits, { n: s.edits.length })));
  s.root.toggleAttribute("data-waiting", s.waiting);
}

function subjectOf(s, row) {
  const price = row.price === null ? "" : money(row.price, row.currency, s.language);
  return [row.subject, price].filter(Boolean).join(" · ");
}

function alive(s, at, step) {
  for (let place = at + step; place >= 0 && place < s.rows.length; place += step) if (s.rows[place].mark !== "removed") return s.rows[place];
  return null;
}

function rowButtons(s, row, at) {
  const named = (text) => `${text}: ${row.n}. ${s.types[row.type] || row.type}`;
  if (row.mark === "removed") return [el("button", { "aria-label": named(s.texts.put_back), onclick: () => commit(s, putBack(s.edits, row.event_id)) }, s.texts.put_back)];
  const [up, down] = [alive(s, at, -1), alive(s, at, 1)];
  return [
    el("button", { class: "icon-only", title: s.texts.up, "aria-label": named(s.texts.up), disabled: !up, onclick: () => commit(s, moved(s.edits, row.event_id, -1)) }, "↑"),
    el("button", { class: "icon-only", title: s.texts.down, "aria-label": named(s.texts.down), disabled: !down, onclick: () => commit(s, moved(s.edits, row.event_id, 1)) }, "↓"),
    el("button", { "aria-label": named(s.texts.change), "aria-expanded": String(s.open === row.event_id), onclick: () => { s.open = s.open === row.event_id ? null : row.event_id; draw(s); } }, s.texts.change),
    el("button", { "aria-label": named(s.texts.remove), onclick: () => { if (s.open === row.event_id) s.open = null; commit(s, removed(s.edits, row.event_id)); } }, s.texts.remove),
  ];
}

function insertBar(s, after, key) {
  if (s.inserting === key) return el("li", { class: "inserting" }, (s.insertNode ||= insertForm(s, after))); // the same node: what is typed stays
  return el("li", { class: "between" }, el("button", { class: "add", title: s.texts.insert, "aria-label": s.texts.insert + (key ? ` ${key}` : ""), onclick: () => { [s.inserting, s.insertNode] = [key, null]; draw(s); s.parts.rows.querySelector(".inserting select")?.focus(); } }, "+"));
}

function eventRow(s, row, at) {
  const pause = at && row.mark !== "removed" ? duration(row.gap_s * 1000, s.language) : "";
  return el("li", { class: "row " + row.mark + (row.starts ? " starts" : ""), "data-event": row.event_id },
    row.starts ? el("span", { class: "session muted" }, s.texts.new_session) : null,
    el("span", { class: "n num muted" }, row.n), icon(row.type, 18),
    el("span", { class: "what" }, el("b", {}, s.types[row.type] || row.type), " ",
      row.mark ? el("span", { class: "badge" }, s.texts["mark_" + row.mark]) : null,
      el("span", { class: "subject muted" }, subjectOf(s, row))),
    el("span", { class: "when num muted" }, clockTime(row.t, s.language), pause ? el("span", { class: "gap" }, "+" + pause) : null),
    el("span", { class: "acts" }, rowButtons(s, row, at)),
    s.open === row.event_id && row.mark !== "removed" ? changeForm(s, row, !alive(s, at, -1)) : null);
}

function drawRows(s) {
  const focused = s.parts.rows.getRootNode().activeElement;
  const held = focused && s.parts.rows.contains(focused) ? placeOf(focused) : null;
  const nodes = [insertBar(s, null, "0")];
  let before = null;
  s.rows.forEach((row, at) => {
    nodes.push(eventRow(s, row, at));
    if (row.mark !== "removed") before = row.event_id;
    nodes.push(insertBar(s, before, String(row.n)));
  });
  s.drawing = true; // taking a field away is no leaving of it
  s.parts.rows.replaceChildren(...nodes);
  s.drawing = false;
  s.drawnOpen = openOf(s);
  if (held) holdAgain(s, held);
}

// Where the keyboard is, and what is typed there but not yet an edit.
function placeOf(node) {
  const isTyped = node.matches("input") && node.value !== node.defaultValue;
  const [from, to] = node.matches('input:not([type="number"])') ? [node.selectionStart, node.selectionEnd] : [null, null];
  return { node, event: node.closest("[data-event]")?.dataset.event, label: node.getAttribute("aria-label"), name: node.getAttribute("name"), typed: isTyped ? node.value : null, from, to };
}

function holdAgain(s, held) {
  const row = held.event && s.parts.rows.querySelector(`[data-event="${CSS.escape(held.event)}"]`);
  const same = held.node.isConnected ? held.node : row && [...row.querySelectorAll("button, input, select")].find((node) => (held.name ? node.getAttribute("name") === held.name : node.getAttribute("aria-label") === held.label));
  const node = same || row?.querySelector?.("button");
  if (!node) return;
  node.focus({ preventScroll: true });
  if (same && held.typed !== null) same.value = held.typed;
  if (same && held.from !== null) same.setSelectionRange(held.from, held.to);
}

function draw(s) {
  drawBars(s);
  drawTools(s);
  drawRows(s);
  s.parts.error.textContent = s.error || "";
  if (s.after && !s.waiting) {
    const best = s.after.indexOf(Math.max(...s.after));
    s.parts.said.textContent = say(s.texts.said, { name: s.intents[best].name, share: percent(s.after[best], s.language, 0) });
  }
}

export default function ({ data, parentElement, key, setStateValue }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) s = null;
  if (!s) {
    s = createState(parentElement);
    mounted.set(key, s);
  }
  s.tell = (text) => setStateValue("edits", text);
  takeData(s, data);
  paintIntents(s.root, s.intents);
  draw(s);
  return () => mounted.delete(key);
}
