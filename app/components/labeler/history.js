// What the annotator did, as actions that can be undone and redone across sessions.
// A change is {event_id | null, before, after}; before and after are {intent, status, note, client_id} or null.

const SKIPPED = "skipped";
const SUBMITTED = "submitted";
const UNSURE = "unsure";

function labelsOf(s, sessionId) {
  if (!s.labels.has(sessionId)) s.labels.set(sessionId, { session: null, events: new Map() });
  return s.labels.get(sessionId);
}

function labelAt(s, sessionId, eventId) {
  const labels = labelsOf(s, sessionId);
  return (eventId === null ? labels.session : labels.events.get(eventId)) || null;
}

function putLabel(s, sessionId, eventId, label) {
  const labels = labelsOf(s, sessionId);
  if (eventId === null) labels.session = label;
  else if (label) labels.events.set(eventId, label);
  else labels.events.delete(eventId);
}

// Sends the step from one label to another and returns the label as it now stands.
function sendChange(s, action, eventId, from, to, isRestored) {
  const target = { target_kind: eventId === null ? "session" : "event", session_id: action.session_id, event_id: eventId };
  if (!to) {
    s.outbox.add({ ...target, kind: "undo", undoes: from.client_id });
    return null;
  }
  const { intent, status, note } = to;
  const suggestion = eventId === null && action.suggestion && !isRestored ? { suggestion: action.suggestion } : {};
  const clientId = s.outbox.add({ ...target, kind: "submit", intent, status, note: note || null, lead_time_ms: action.lead_time_ms, guideline_version: s.guidelines.version, ...suggestion });
  return { intent, status, note, client_id: clientId };
}

function perform(s, action, direction) {
  for (const change of action.changes) {
    const from = direction === "undo" ? change.after : change.before;
    const to = direction === "undo" ? change.before : change.after;
    const now = labelAt(s, action.session_id, change.event_id) || from;
    const label = to || now ? sendChange(s, action, change.event_id, now, to, direction === "undo") : null;
    putLabel(s, action.session_id, change.event_id, label);
  }
}

function act(s, eventIds, wanted) {
  const sessionId = s.cards[s.index].session_id;
  const now = performance.now();
  const action = {
    session_id: sessionId, index: s.index, row: s.row, lead_time_ms: Math.round(now - s.shownAt),
    suggestion: suggestionRecord(s, s.cards[s.index], wanted && wanted.intent),
    changes: eventIds.map((id) => ({ event_id: id, before: labelAt(s, sessionId, id), after: wanted })),
  };
  s.shownAt = now;
  perform(s, action, "do");
  s.undo.push(action);
  if (s.undo.length > 1000) s.undo.shift();
  s.redo = [];
  return action;
}

// Takes back, or does again, the last action; returns it, or null when there is none.
function step(s, direction) {
  const [from, to] = direction === "undo" ? [s.undo, s.redo] : [s.redo, s.undo];
  const action = from.pop();
  if (!action) return null;
  perform(s, action, direction);
  to.push(action);
  return action;
}

// Session and event counts an intent: what the server holds plus what is still on its way there.
function countsNow(s) {
  const counts = {};
  for (const intent of s.intents) counts[intent.id] = { ...(s.progress[intent.id] || { sessions: 0, events: 0 }) };
  for (const operation of s.outbox.pending.values()) {
    const place = operation.kind === "submit" && operation.intent ? counts[operation.intent] : null;
    if (place) place[operation.target_kind === "session" ? "sessions" : "events"] += 1;
  }
  return counts;
}
