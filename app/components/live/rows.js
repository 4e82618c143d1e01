// The list: one row a visitor, changed in place and moved where need be, so that nothing flickers. While the pointer
// moves in the list, or the focus is there, its order stands still and who is new comes last: what is about to be
// clicked does not run away.

const FLASH_MS = 2600;
const SLIDE_MS = 260;
const HOLD_MS = 6000; // a pointer that was left lying there holds nothing

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function createRow(s, id) {
  const cells = Object.fromEntries(["intent", "visitor", "event", "since", "events", "marks", "seen"].map((name) => [name, el("span", { class: name })]));
  const link = el("a", { class: "row", href: "/visitor?" + new URLSearchParams({ visitor: id }), onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    s.send("go", { visitor: id });
  } }, Object.values(cells));
  const node = el("div", { role: "listitem" }, link);
  cells.visitor.textContent = id;
  cells.visitor.title = id;
  const parts = { swatch: el("i", { class: "swatch" }), name: el("b", {}), share: el("span", { class: "num" }), before: el("span", { class: "muted before" }), bar: el("span", {}) };
  cells.intent.append(parts.swatch, el("span", { class: "what" }, parts.name, parts.before), el("span", { class: "track" }, parts.bar), parts.share);
  return { id, node, link, cells, parts, shown: {}, intent: null };
}

// Writes only what differs from what is shown.
function put(row, name, value, write) {
  if (row.shown[name] === value) return;
  row.shown[name] = value;
  write(value);
}

function fillRow(s, row, visitor, now) {
  const { cells, parts } = row;
  put(row, "intent", visitor.intent + s.language, () => {
    parts.swatch.style.background = parts.bar.style.background = `var(--intent-${visitor.intent}, var(--muted))`;
    parts.name.textContent = intentName(s, visitor.intent);
  });
  put(row, "before", (visitor.before || "") + s.language, () => {
    parts.before.textContent = visitor.before ? " ← " + intentName(s, visitor.before) : "";
  });
  put(row, "share", visitor.confidence, (value) => {
    parts.bar.style.width = value * 100 + "%";
    parts.share.textContent = percent(value, s.language);
  });
  put(row, "event", visitor.event + s.language, () => {
    cells.event.replaceChildren(icon(visitor.type, 16), el("span", {}, (s.types[visitor.type] || visitor.type) + (visitor.words ? " · " + visitor.words : "")));
    cells.event.title = say(s.texts.occurred, { time: clockTime(Date.parse(visitor.occurred), s.language, true) });
  });
  put(row, "since", duration(now - visitor.since, s.language), (text) => { cells.since.textContent = text; });
  put(row, "events", visitor.events, (value) => { cells.events.textContent = number(value, s.language); });
  put(row, "seen", duration(now - visitor.seen, s.language), (text) => { cells.seen.textContent = say(s.texts.ago, { time: text }); });
  const marks = [visitor.unsure && "unsure", visitor.cart > 0 && "cart", visitor.ordered && "ordered", visitor.left && "left"].filter(Boolean);
  put(row, "marks", marks.join() + visitor.cart + s.language, () => {
    cells.marks.replaceChildren(...marks.map((mark) => el("span", { class: "mark " + mark, title: s.texts["mark_" + mark + "_help"] }, say(s.texts["mark_" + mark], { n: visitor.cart }))));
  });
  row.link.classList.toggle("gone", visitor.left);
  if (row.intent !== null && row.intent !== visitor.intent && !calm()) {
    row.node.animate([{ backgroundColor: `color-mix(in srgb, var(--intent-${visitor.intent}) 38%, transparent)` }, { backgroundColor: "transparent" }], { duration: FLASH_MS, easing: "ease-out" });
  }
  row.intent = visitor.intent;
}

function isHeld(s) {
  const list = s.parts.rows;
  if (s.root.getRootNode().activeElement?.closest?.(".rows")) return true;
  return list.matches(":hover") && performance.now() - s.pointedAt < HOLD_MS;
}

function arrange(s, ids) {
  const list = s.parts.rows;
  const before = calm() ? null : new Map(ids.filter((id) => s.rows.get(id).node.isConnected).map((id) => [id, s.rows.get(id).node.offsetTop]));
  let place = list.firstElementChild;
  for (const id of ids) {
    const { node } = s.rows.get(id);
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  if (!before) return;
  const moves = ids.filter((id) => before.has(id)).map((id) => [s.rows.get(id).node, before.get(id) - s.rows.get(id).node.offsetTop]);
  for (const [node, by] of moves) {
    if (by && Math.abs(by) < 800) node.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: SLIDE_MS, easing: "ease-out" });
  }
}

function drawRows(s, view) {
  const now = view.now_s * 1000;
  const held = isHeld(s) && s.rows.size > 0;
  const wanted = new Map(view.visitors.map((visitor) => [visitor.id, visitor]));
  if (!held) {
    for (const id of [...s.rows.keys()]) if (!wanted.has(id)) {
      s.rows.get(id).node.remove();
      s.rows.delete(id);
    }
  }
  for (const [id, visitor] of wanted) {
    const known = s.rows.has(id);
    if (!known) s.rows.set(id, createRow(s, id));
    fillRow(s, s.rows.get(id), visitor, now);
    if (!known && held) s.parts.rows.append(s.rows.get(id).node);
  }
  if (!held) arrange(s, [...wanted.keys()]);
}

function stepRow(s, event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest?.("[role=listitem]");
  if (!by || !row) return;
  const next = (by > 0 ? row.nextElementSibling : row.previousElementSibling)?.firstElementChild;
  if (!next) return;
  event.preventDefault();
  next.focus();
}
