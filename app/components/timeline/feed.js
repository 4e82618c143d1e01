// Asks the server for events and probabilities: first a window about what the address names, more as one pans.

const FIRST_EVENTS = 5000;
const MORE_EVENTS = 4000;
const MOST_EVENTS = 15000; // at hand; of more, those farthest from the view are let go
const SCORE_SCALE = 10000;

async function post(s, url, body) {
  const headers = { "Content-Type": "application/json", "X-Page-Token": s.post.token };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error?.message || String(answer.status));
  return found;
}

// Columns to records; a column without any value did not travel.
function recordsOf(answer) {
  const names = Object.keys(answer.events);
  const missing = Object.fromEntries(["visitor_id", "item_id", "query", "text", "title", "category", "brand", "price", "currency", "quantity", "order_id", "image", "name", "cart_value", "cart_currency"].map((name) => [name, null]));
  return Array.from({ length: answer.count }, (_, i) => {
    const event = { ...missing };
    for (const name of names) event[name] = answer.events[name][i];
    return event;
  });
}

// The first window, or another one far from what is at hand. `where` is part of the question: event_id, at_ms, session_id.
async function loadAbout(s, where) {
  const generation = ++s.generation;
  s.loading = "first";
  drawState(s);
  try {
    const answer = await post(s, s.post.events, { visitor_id: s.visitor, person: s.person, limit: FIRST_EVENTS, ...where });
    if (generation !== s.generation) return false;
    s.error = "";
    s.notes = answer.annotations;
    takeEvents(s, recordsOf(answer), answer.earlier, answer.later);
    s.tracks.forEach((track) => loadScores(s, track, 0, s.events.length - 1));
    return true;
  } catch (error) {
    if (generation !== s.generation) return false;
    s.error = error.message;
    return false;
  } finally {
    if (generation === s.generation) {
      s.loading = "";
      drawState(s);
    }
  }
}

async function loadMore(s, side) {
  if (s.loading || !s.events.length) return;
  const generation = s.generation, [first, last] = [s.events[0], s.events[s.events.length - 1]];
  s.loading = side;
  drawState(s);
  try {
    const place = side === "before" ? { before: first.event_id } : { after: last.event_id };
    const answer = await post(s, s.post.events, { visitor_id: s.visitor, person: s.person, limit: MORE_EVENTS, ...place });
    if (generation !== s.generation) return;
    const fresh = recordsOf(answer).filter((event) => !s.byId.has(event.event_id));
    s.notes = s.notes.concat(answer.annotations);
    addEvents(s, fresh, side, side === "before" ? answer.earlier : answer.later);
    const [from, to] = side === "before" ? [0, fresh.length - 1] : [s.events.length - fresh.length, s.events.length - 1];
    if (fresh.length) s.tracks.forEach((track) => loadScores(s, track, from, to));
  } catch (error) {
    s.error = error.message;
  } finally {
    if (generation === s.generation) {
      s.loading = "";
      drawState(s);
      redraw(s);
    }
  }
}

async function loadScores(s, track, from, to) {
  const generation = s.generation;
  track.pending += 1;
  drawState(s);
  try {
    const range = { from_ms: s.events[from].t, to_ms: s.events[to].t, events: to - from + 1 };
    const intents = s.intents.map((intent) => intent.id);
    const answer = await post(s, s.post.scores, { visitor_id: s.visitor, person: s.person, model_id: track.id, intents, ...range });
    if (generation !== s.generation) return;
    takeScores(s, track, answer, SCORE_SCALE);
    track.error = "";
  } catch (error) {
    track.error = error.message;
  } finally {
    track.pending -= 1;
    if (generation === s.generation) {
      layOutTrack(s, track);
      refresh(s);
    }
  }
}

function takeEvents(s, events, earlier, later) {
  Object.assign(s, { events, earlier, later, rate: 0, hover: -1, brush: null });
  s.tracks.forEach((track) => { track.scores.clear(); track.given = []; });
  index(s);
}

// Adds events at one side and keeps the view where it is.
function addEvents(s, fresh, side, more) {
  const anchor = s.events[side === "before" ? 0 : s.events.length - 1].event_id;
  const before = s.x[s.byId.get(anchor)], kept = keptIds(s);
  if (side === "before") [s.events, s.earlier] = [fresh.concat(s.events), more];
  else [s.events, s.later] = [s.events.concat(fresh), more];
  letGo(s, side);
  index(s);
  s.view.from += s.x[s.byId.get(anchor)] - before;
  clampView(s);
  restoreIds(s, kept);
}

// Of too many events the session farthest from where one pans is let go, and the next.
function letGo(s, side) {
  const surplus = s.events.length - MOST_EVENTS;
  if (surplus <= 0) return;
  const cut = (at) => s.events[at].session_id !== s.events[at - 1].session_id;
  if (side === "before") {
    let end = MOST_EVENTS;
    while (end > MOST_EVENTS / 2 && !cut(end)) end -= 1;
    s.events.length = end;
    s.later = true;
  } else {
    let start = surplus;
    while (start < s.events.length - MOST_EVENTS / 2 && !cut(start)) start += 1;
    s.events = s.events.slice(start);
    s.earlier = true;
  }
}

function keptIds(s) {
  const id = (at) => s.events[at]?.event_id;
  return { selected: id(s.selected), brush: s.brush && [id(s.brush[0]), id(s.brush[1])] };
}

function restoreIds(s, kept) {
  const at = (eventId) => s.byId.get(eventId) ?? -1;
  s.selected = kept.selected === undefined ? -1 : at(kept.selected);
  s.hover = -1;
  s.brush = kept.brush && kept.brush.every((one) => at(one) >= 0) ? kept.brush.map(at) : null;
}

function index(s) {
  s.byId = new Map(s.events.map((event, i) => [event.event_id, i]));
  layOut(s);
  layOutNotes(s);
  layOutOrders(s);
  s.tracks.forEach((track) => layOutTrack(s, track));
  s.drawing += 1;
}

// More events when the view comes near the edge of those at hand.
function feed(s) {
  if (!s.events.length || s.loading) return;
  if (s.earlier && s.view.from < s.view.width * 0.5) loadMore(s, "before");
  else if (s.later && s.view.from + s.view.width > s.span - s.view.width * 0.5) loadMore(s, "after");
}
