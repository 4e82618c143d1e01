// A link may name an event, or the first and the last of a span: the hand is laid there once, when its session comes up.

function takeTarget(s, target) {
  if (!target || s.targeted) return;
  s.targeted = true;
  const card = s.cards[s.index];
  if (card?.session_id !== target.session_id) return;
  const [first, last] = [target.event_id, target.until || target.event_id].map((eventId) => rowHolding(s, eventId));
  if (first < 0 || last < 0) return;
  s.anchor = first === last ? null : first;
  s.row = last;
}

// The row of an event; a fold that holds it is opened, so that the label goes to it alone.
function rowHolding(s, eventId) {
  const holds = (row) => row.events.some((event) => event.event_id === eventId);
  const at = built(s, s.index).rows.findIndex(holds);
  if (at < 0 || built(s, s.index).rows[at].events.length === 1) return at;
  const sessionId = s.cards[s.index].session_id, open = s.unfolded.get(sessionId) || new Set();
  open.add(built(s, s.index).rows[at].events[0].event_id);
  s.unfolded.set(sessionId, open);
  s.built.delete(sessionId);
  return built(s, s.index).rows.findIndex(holds);
}
