// Draws one session: totals, then a row an event (repeated ones folded).

function meta(text, className) {
  return text ? el("span", { class: className || "meta" }, text) : null;
}

function thumbnail(event) {
  if (!event.image) return el("span", { class: "thumb none", "aria-hidden": "true" });
  const image = el("img", { class: "thumb", "data-src": event.image, alt: "", decoding: "async", width: 40, height: 40 });
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "thumb none" })), { once: true });
  return image;
}

// Pictures are fetched once the hand rests on a session: passing by at speed must not hold up the labels' own way.
function loadPictures(built, most) {
  for (const image of [...built.node.querySelectorAll("img[data-src]")].slice(0, most)) {
    image.src = image.dataset.src;
    image.removeAttribute("data-src");
  }
}

function cartCell(s, event) {
  const cart = event.cart || [];
  if (!cart.length) return el("span", { class: "cart" });
  const pieces = cart.reduce((sum, line) => sum + line.quantity, 0);
  const names = cart.map((line) => line.title + (line.quantity > 1 ? " ×" + line.quantity : "")).join("\n");
  return el(
    "span",
    { class: "cart on" + (event.cart_changed ? " changed" : ""), title: names, "aria-label": say(s.texts.cart_holds, { n: pieces }) },
    icon("view_cart", 14),
    el("b", { class: "num" }, number(pieces, s.language)),
    event.cart_value ? el("span", { class: "num" }, money(event.cart_value, event.cart_currency, s.language)) : null,
  );
}

function eventRow(s, card, row, at) {
  const event = row.events[row.events.length - 1];
  const times = row.events.length;
  const detail = [event.category, event.brand, event.position ? say(s.texts.position, { n: event.position }) : ""];
  if (event.quantity > 1) detail.push("×" + number(event.quantity, s.language));
  const first = row.events[0];
  return el(
    "li",
    { class: "row type-" + event.type, "data-row": at, role: "option", "aria-selected": "false" },
    el("span", { class: "ico", title: s.types[event.type] || event.type }, icon(event.type, 20)),
    el(
      "span",
      { class: "when num", title: clockTime(first.t, s.language, true) + " UTC" },
      at === 0 ? clockTime(first.t, s.language) : "+" + duration(first.gap_ms, s.language),
    ),
    el(
      "span",
      { class: "what" },
      el("span", { class: "kind" }, s.types[event.type] || event.type, event.type === "other" && event.name ? " · " + event.name : "",
        times > 1 ? el("button", { class: "fold", "data-unfold": at, title: s.texts.unfold, tabindex: "-1" }, "×" + times) : null),
      eventSubject(event) ? el("span", { class: event.query ? "subject query" : "subject", title: eventSubject(event).length > 120 ? eventSubject(event) : null }, eventSubject(event)) : null,
      el("span", { class: "details" }, detail.filter(Boolean).map((text) => meta(text))),
      event.query && event.title ? el("span", { class: "details" }, meta(event.title)) : null,
    ),
    thumbnail(event),
    el("span", { class: "price num" }, money(event.price, event.currency, s.language)),
    cartCell(s, event),
    el("span", { class: "given", "data-given": at }),
  );
}

// Rows of the card as they stand now: a fold the annotator opened is one row an event.
function rowsOf(s, card) {
  const open = s.unfolded.get(card.session_id) || new Set();
  return card.rows.flatMap((events) => (open.has(events[0].event_id) ? events.map((event) => ({ events: [event] })) : [{ events }]));
}

function total(value, label) {
  return el("span", { class: "total" }, el("b", { class: "num" }, value), " ", label);
}

function cardHead(s, card) {
  const totals = card.totals;
  return el(
    "header",
    { class: "head" },
    el("div", { class: "who" },
      el("b", {}, clockTime(card.started_at, s.language, true) + " UTC"),
      el("a", { href: card.link, title: card.session_id }, say(s.texts.visitor, { id: card.visitor_id })),
      [card.device, card.channel, card.country].map((text) => meta(text, "chip")),
      el("button", { class: "quiet earlier", "data-action": "history", onclick: () => s.go("history") },
        card.earlier.count ? say(s.texts.history_button, { n: number(card.earlier.count, s.language) }) : s.texts.history_first, " ",
        el("kbd", { "data-key": "history" }, firstKey(s, "history"))),
      el("span", { class: "chip session", "data-given": "session" })),
    el("div", { class: "totals" },
      total(number(totals.events, s.language), s.texts[totals.events === 1 ? "total_event" : "total_events"]),
      total(duration(totals.duration_ms, s.language), s.texts.total_duration),
      total(number(totals.searches, s.language), s.texts[totals.searches === 1 ? "total_search" : "total_searches"]),
      total(number(totals.items, s.language), s.texts[totals.items === 1 ? "total_item" : "total_items"]),
      totals.cart_value ? total(money(totals.cart_value, totals.currency, s.language), s.texts.total_cart) : null,
      totals.revenue ? total(money(totals.revenue, totals.currency, s.language), s.texts.total_revenue) : null),
  );
}

function buildCard(s, card) {
  const rows = rowsOf(s, card);
  const lane = buildLane(s, rows);
  const list = el("ol", { class: "rows", role: "listbox", "aria-label": s.texts.events, "aria-multiselectable": "true" },
    rows.map((row, at) => eventRow(s, card, row, at)));
  return { rows, lane, list, node: el("div", { class: "session" }, cardHead(s, card), lane, list) };
}

function labelChip(s, label) {
  if (!label) return null;
  if (label.status === SKIPPED) return el("span", { class: "label skipped" }, s.texts.skipped);
  const unsure = label.status === UNSURE;
  if (!label.intent) return el("span", { class: "label skipped", title: label.note }, s.texts.unsure);
  const intent = [...s.intents, ...s.retired].find((one) => one.id === label.intent);
  return el("span", { class: "label" + (unsure ? " unsure" : ""), title: label.note || (unsure ? s.texts.unsure : null), style: { "--c": `var(--intent-${label.intent})`, "--ink": `var(--ink-${label.intent})` } },
    intent ? intent.name : label.intent, unsure ? " ?" : "", label.note ? " ✎" : "");
}

// The first and the last row under the hand: one row, or a span of them; [-1, -1] for the whole session.
function spanOf(s) {
  if (s.row < 0 || s.anchor === null) return [s.row, s.row];
  return [Math.min(s.row, s.anchor), Math.max(s.row, s.anchor)];
}

// The labels, the focus and nothing else: cheap enough for every key.
function paintCard(s, card, built) {
  const labels = labelsOf(s, card.session_id);
  const [first, last] = spanOf(s);
  const nodes = built.list.children;
  built.rows.forEach((row, at) => {
    const node = nodes[at];
    const focused = at === s.row;
    const chosen = at >= first && at <= last;
    const given = row.events.map((event) => labels.events.get(event.event_id)).find(Boolean);
    node.classList.toggle("focus", focused);
    node.classList.toggle("span", chosen && first !== last);
    node.setAttribute("aria-selected", String(chosen));
    node.lastChild.replaceChildren(...[labelChip(s, given)].filter(Boolean));
    node.style.setProperty("--row", given && given.intent ? `var(--intent-${given.intent})` : "transparent");
    paintLane(built.lane.children[at], given, at, focused, chosen && first !== last);
  });
  built.node.querySelector('[data-given="session"]').replaceChildren(...[labelChip(s, labels.session)].filter(Boolean));
  built.node.classList.toggle("eventmode", s.row >= 0);
  if (s.row >= 0 && nodes[s.row]) {
    showRow(built.list, nodes[s.row]);
    showStep(built.lane, built.lane.children[s.row]);
  }
}

// Scrolls the list only, never the page; of a row that is higher than the list, its beginning is shown.
function showRow(list, node) {
  const top = node.offsetTop; // the list is positioned
  if (top < list.scrollTop + 8) list.scrollTop = Math.max(0, top - 48);
  else if (top + node.offsetHeight > list.scrollTop + list.clientHeight - 8) list.scrollTop = Math.min(top, top + node.offsetHeight - list.clientHeight + 48);
}
