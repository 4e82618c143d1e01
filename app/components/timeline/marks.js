// What is said of the events by people, and what they put into the cart and ordered.

// s.sessionNotes: {session_id: its label to show}, s.eventNotes: {event_id: …}, s.notesOf: everything said, by target.
// Of several annotators' labels a gold one is shown, else the newest.
function layOutNotes(s) {
  s.sessionNotes = new Map();
  s.eventNotes = new Map();
  s.notesOf = new Map();
  for (const note of s.notes) {
    const target = note.event_id || "session:" + note.session_id;
    const known = s.notesOf.get(target) || [];
    if (known.some((one) => one.annotator === note.annotator)) continue;
    s.notesOf.set(target, [...known, note]);
    if (!note.intent) continue;
    const [place, key] = note.event_id ? [s.eventNotes, note.event_id] : [s.sessionNotes, note.session_id];
    if (place.get(key)?.status !== "gold" || note.status === "gold") place.set(key, note);
  }
  s.noteSpans = noteSpans(s);
}

// Neighbouring events of a session with the same label are one span.
function noteSpans(s) {
  const spans = [];
  for (const block of s.blocks)
    for (let i = block.from, last = null; i <= block.to; i++) {
      const note = s.eventNotes.get(s.events[i].event_id);
      if (note && last?.intent === note.intent) last.to = i;
      else if (note) spans.push((last = { from: i, to: i, intent: note.intent }));
      else last = null;
    }
  return spans;
}

// An order is one flag, however many lines it has: lines of one order_id, else each purchase alone.
function layOutOrders(s) {
  s.orders = [];
  s.mostCart = 0;
  const known = new Map();
  s.events.forEach((event, i) => {
    s.mostCart = Math.max(s.mostCart, event.cart_value || 0);
    if (event.type !== "purchase") return;
    const key = event.order_id ? event.session_id + "|" + event.order_id : "event|" + i;
    const order = known.get(key) || { index: i, amount: 0, priced: false, lines: 0, currency: event.currency, id: event.order_id };
    if (!known.has(key)) s.orders.push(order);
    known.set(key, order);
    order.lines += 1;
    order.priced ||= event.price !== null;
    order.amount += (event.price || 0) * (event.quantity || 1);
  });
}

function orderWords(s, order) {
  return order.priced ? money(order.amount, order.currency, s.language) : s.texts.order;
}

// Everything said of an event: of itself, then of its session.
function notesAt(s, event) {
  return [...(s.notesOf.get(event.event_id) || []), ...(s.notesOf.get("session:" + event.session_id) || [])];
}

function intentNamed(s, id) {
  return [...s.intents, ...s.retired].find((one) => one.id === id)?.name || id || s.texts.abstained;
}

function noteWords(s, note) {
  const words = note.event_id ? s.texts.note_event : s.texts.note_session;
  const doubt = note.status === "submitted" ? "" : " (" + (s.texts["status_" + note.status] || note.status) + ")";
  return say(words, { intent: intentNamed(s, note.intent), annotator: note.annotator }) + doubt;
}
