// Supply: keeps sessions coming, so many ahead that the hand on the keys does not outrun the server. They come from the
// API; the page's script, a run of which costs the server and the browser more than the cards do, is asked only where
// the API has none: it knows why, and in the reader's language.

const LEAST_AHEAD = 40;
const MOST_AHEAD = 120;
const ASK_BELOW = 0.7; // of what is wanted ahead
const MOST_AT_ONCE = 60; // more would keep the server from answering labels for too long
const ASK_AGAIN_MS = 4000;
const KEPT_CARDS = 1500;
const FORGOTTEN_AT_ONCE = 500;

function createSupply() {
  return { askedAt: 0, waiting: false, everAsked: false, roundTripMs: 500, paceMs: 1000, movedAt: 0 };
}

// The pace of the hand: an average over its last moves, so that a pause counts once.
function noteMove(s) {
  const now = performance.now();
  const gap = Math.min(Math.max(now - s.supply.movedAt, 5), 3000);
  if (s.supply.movedAt) s.supply.paceMs += (gap - s.supply.paceMs) * 0.4;
  s.supply.movedAt = now;
}

function wantedAhead(s) {
  return Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, Math.ceil((4 * s.supply.roundTripMs) / s.supply.paceMs)));
}

// Sessions in the browser that the server cannot know to be done: not labelled, or labelled and not yet durable. Where
// all are done, the last one stands for them: this tab goes on, and does not begin with what others of its own may hold.
function loadedSessions(s) {
  const waiting = new Set([...s.outbox.pending.values()].map((operation) => operation.session_id));
  const loaded = [...s.known].filter((id) => waiting.has(id) || !labelAt(s, id, null));
  return loaded.length || !s.cards.length ? loaded : [s.cards.at(-1).session_id];
}

async function fetchCards(s, wanted) {
  const response = await fetch(s.post.cards, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Page-Token": s.post.token },
    body: JSON.stringify({ desk: s.post.desk, wanted, loaded: loadedSessions(s) }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

// After a lost connection or a restart this tab has another desk: what lies there may be on the annotator's other tab,
// so it goes on with the sessions it holds, and says which they are before it asks for more.
function tellCards(s) {
  s.supply.everAsked = false;
  fetchCards(s, 0).catch(() => null); // not told: the next question tells it
}

function askPage(s, wanted) {
  s.send("sync", { wanted, loaded: loadedSessions(s), at: Date.now() });
}

// A labeler that was mounted anew may lack cards of an ended queue too, so it asks at least once.
async function askForCards(s) {
  const left = s.cards.length - s.index;
  const ahead = wantedAhead(s);
  if ((s.exhausted && s.supply.everAsked) || left > ahead * ASK_BELOW) return;
  const now = Date.now();
  if (s.supply.waiting && now - s.supply.askedAt < ASK_AGAIN_MS) return;
  Object.assign(s.supply, { waiting: true, askedAt: now, everAsked: true });
  const wanted = Math.min(ahead - left, MOST_AT_ONCE);
  const answer = await fetchCards(s, wanted).catch(() => null); // of whatever kind: the page says what is wrong
  if (!s.root.isConnected) return;
  if (!answer) return askPage(s, wanted);
  takeCards(s, answer.cards);
  s.supply.waiting = false;
  if (answer.exhausted && !s.exhausted) askPage(s, wanted);
  if (answer.cards.length && !s.shown) draw(s);
  prepare(s);
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
