// What happened at an event, and how each probability moved against the event before.

function eventWords(s, event) {
  return (s.types[event.type] || event.type) + (eventSubject(event) ? " · " + eventSubject(event) : "");
}

// Of a person's several visitors, whose event it is.
function visitorWords(s, event) {
  return s.marks[event.visitor_id] ? s.marks[event.visitor_id] + " " + event.visitor_id : "";
}

function topIntents(s, index, count, track = s.tracks[0]) {
  const now = scoresOf(s, track, index);
  if (!now) return [];
  const before = index > 0 && s.events[index - 1].session_id === s.events[index].session_id ? scoresOf(s, track, index - 1) : null;
  return Array.from(now, (value, k) => ({ intent: s.intents[k], value, change: before ? value - before[k] : null }))
    .sort((one, two) => two.value - one.value)
    .slice(0, count);
}

function shareLine(s, intent, value, change) {
  return el("div", { class: "share" },
    el("i", { style: { background: `var(--intent-${intent.id})` } }), el("span", { class: "name" }, intent.name),
    el("span", { class: "track" }, el("span", { style: { width: value * 100 + "%", background: `var(--intent-${intent.id})` } })),
    el("b", { class: "num" }, percent(value, s.language)),
    el("span", { class: "num muted change" }, change === null ? "" : signedPoints(s, change)));
}

function intentLines(s, index, count, track) {
  return topIntents(s, index, count, track).map(({ intent, value, change }) => shareLine(s, intent, value, change));
}

// Whole points of probability, signed: 0.0312 -> "+3"; what would read as zero is a plain 0.
function signedPoints(s, change) {
  const size = Math.abs(change) * 100;
  return size < 0.5 ? "0" : (change > 0 ? "+" : "−") + number(size, s.language);
}

function priceWords(s, event) {
  if (event.price === null) return "";
  const price = money(event.price, event.currency, s.language);
  return event.quantity > 1 ? number(event.quantity, s.language) + " × " + price : price;
}

function gapWords(s, index) {
  if (index <= 0) return "";
  const gap = s.events[index].t - s.events[index - 1].t;
  const fresh = s.events[index].session_id !== s.events[index - 1].session_id;
  return say(fresh ? s.texts.gap_session : s.texts.gap, { time: duration(gap, s.language) });
}

function cartWords(s, event) {
  return event.cart_value ? say(s.texts.cart_holds, { value: money(event.cart_value, event.cart_currency, s.language) }) : "";
}

function changeAt(s, index) {
  const change = s.tracks[0]?.changes?.find((one) => one.index === index);
  return change ? say(s.texts.changed, { before: intentNamed(s, change.before), after: intentNamed(s, change.after) }) : "";
}

function tipLines(s, index) {
  const event = s.events[index], second = s.tracks[1];
  const facts = [clockTime(event.t, s.language, true), priceWords(s, event)].filter(Boolean).join(" · ");
  const quiet = [facts, visitorWords(s, event), gapWords(s, index), cartWords(s, event)].filter(Boolean);
  return [
    el("b", {}, eventWords(s, event)),
    ...quiet.map((words) => el("div", { class: "muted num" }, words)),
    changeAt(s, index) ? el("div", { class: "changed" }, changeAt(s, index)) : null,
    ...intentLines(s, index, 4),
    ...(second?.ready ? [el("div", { class: "muted model" }, second.name, disagrees(s, index) ? " · " + s.texts.apart : ""), ...intentLines(s, index, 2, second)] : []),
    ...notesAt(s, event).slice(0, 4).map((note) => el("div", { class: "line" }, noteWords(s, note))),
  ].filter(Boolean);
}

function showTip(s, pixel) {
  const event = s.events[s.hover];
  s.parts.tip.hidden = !event;
  if (!event) return;
  if (s.tipOf !== s.hover + "|" + s.drawing) s.parts.tip.replaceChildren(...tipLines(s, s.hover));
  s.tipOf = s.hover + "|" + s.drawing;
  const wide = 264;
  const left = pixel + 14 > s.width - wide - 4 ? pixel - wide - 14 : pixel + 14;
  s.parts.tip.style.left = Math.min(Math.max(left, 4), Math.max(4, s.width - wide - 4)) + "px";
}
