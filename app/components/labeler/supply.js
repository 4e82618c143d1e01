// Supply: keeps sessions coming, so many ahead that the hand on the keys does not outrun the server.

const LEAST_AHEAD = 24;
const MOST_AHEAD = 120;
const ASK_AGAIN_MS = 4000;
const KEPT_CARDS = 1500;
const FORGOTTEN_AT_ONCE = 500;

function createSupply() {
  return { askedAt: 0, waiting: false, roundTripMs: 500, paceMs: 1000, movedAt: 0 };
}

// The pace of the hand: an average over its last moves, so that a pause counts once.
function noteMove(s) {
  const now = performance.now();
  const gap = Math.min(Math.max(now - s.supply.movedAt, 5), 3000);
  if (s.supply.movedAt) s.supply.paceMs += (gap - s.supply.paceMs) * 0.3;
  s.supply.movedAt = now;
}

function wantedAhead(s) {
  return Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, Math.ceil((4 * s.supply.roundTripMs) / s.supply.paceMs)));
}

// Sessions in the browser that the server cannot know to be done: not labelled, or labelled and not yet durable.
function loadedSessions(s) {
  const waiting = new Set([...s.outbox.pending.values()].map((operation) => operation.session_id));
  return [...s.known].filter((id) => waiting.has(id) || !labelAt(s, id, null));
}

function askForCards(s) {
  const left = s.cards.length - s.index;
  const ahead = wantedAhead(s);
  if (s.exhausted || left > ahead * 0.6) return;
  const now = Date.now();
  if (s.supply.waiting && now - s.supply.askedAt < ASK_AGAIN_MS) return;
  s.supply.waiting = true;
  s.supply.askedAt = now;
  s.send("sync", { wanted: ahead - left, loaded: loadedSessions(s), at: now });
}

// What is pending in the outbox counts as given: after a reload the server does not know of it yet.
function replayPending(s, sessionId) {
  for (const operation of s.outbox.inOrder()) {
    if (operation.session_id !== sessionId) continue;
    const { event_id: eventId, intent, status, note, client_id } = operation;
    if (operation.kind === "submit") putLabel(s, sessionId, eventId, { intent, status, note, client_id });
    else if ((labelAt(s, sessionId, eventId) || {}).client_id === operation.undoes) putLabel(s, sessionId, eventId, null);
  }
}

function takeCards(s, cards) {
  for (const card of cards) {
    if (s.known.has(card.session_id)) continue;
    s.known.add(card.session_id);
    for (const given of card.given) putLabel(s, card.session_id, given.event_id, given);
    const before = labelAt(s, card.session_id, null);
    replayPending(s, card.session_id);
    if (!before && labelAt(s, card.session_id, null)) continue; // done before a reload, only not yet durable
    s.cards.push(card);
    if (s.supply.waiting) s.supply.roundTripMs += (Math.min(Date.now() - s.supply.askedAt, 10000) - s.supply.roundTripMs) * 0.5;
    s.supply.waiting = false;
  }
  if (s.exhausted) s.supply.waiting = false;
}

// Lets go of cards far behind, so that a long day does not fill the browser's memory.
function forgetFarCards(s) {
  if (s.index < KEPT_CARDS) return;
  for (const card of s.cards.splice(0, FORGOTTEN_AT_ONCE)) s.built.delete(card.session_id);
  s.index -= FORGOTTEN_AT_ONCE;
  for (const name of ["undo", "redo"]) {
    s[name] = s[name].filter((action) => action.index >= FORGOTTEN_AT_ONCE);
    for (const action of s[name]) action.index -= FORGOTTEN_AT_ONCE;
  }
}
