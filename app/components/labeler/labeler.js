// The labeler: sessions queue up in the browser, one key labels and moves on, the server hears of it behind the scenes.
// The whole state of a mounted labeler lives in `mounted`, because Streamlit calls the exported function at every rerun.

const REFILL_BELOW = 10;
const CARDS_WANTED = 12;
const CARDS_WANTED_IN_A_HURRY = 40;
const mounted = new Map();

function createState(parent, key, data) {
  const root = parent.querySelector(".labeler");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return {
    key, root, parts, outbox: createOutbox(data.annotator), cards: [], known: new Set(), index: 0, row: -1, labels: new Map(), unfolded: new Map(),
    built: new Map(), undo: [], redo: [], shownAt: performance.now(), helping: false, exhausted: false, asked: 0, shown: null,
  };
}

function takeData(s, data) {
  for (const name of ["intents", "types", "texts", "language", "progress", "exhausted"]) s[name] = data[name];
  s.failure = data.failure;
  s.outbox.acknowledge(data.acknowledged);
  s.outbox.flying = false;
  for (const card of data.queue) {
    if (s.known.has(card.session_id)) continue;
    s.known.add(card.session_id);
    s.cards.push(card);
    for (const given of card.given) putLabel(s, card.session_id, given.event_id, given);
  }
  if (data.queue.length) s.asked = 0;
}

function built(s, index) {
  const card = s.cards[index];
  if (!s.built.has(card.session_id)) s.built.set(card.session_id, buildCard(s, card));
  return s.built.get(card.session_id);
}

function draw(s) {
  drawTop(s);
  drawHelp(s);
  if (s.index >= s.cards.length) {
    s.shown = null;
    return drawEmpty(s);
  }
  const card = s.cards[s.index];
  const now = built(s, s.index);
  if (s.shown !== now) {
    s.parts.card.replaceChildren(now.node);
    s.shown = now;
    s.parts.live.textContent = say(s.texts.live_session, { n: s.index + 1, events: card.totals.events });
  }
  paintCard(s, card, now);
  drawBar(s, card, now.rows);
}

// Draws the neighbours while the hands rest, so that the next key only swaps a node in.
function prepare(s) {
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 1));
  idle(() => {
    for (let index = s.index; index < Math.min(s.index + 4, s.cards.length); index++) built(s, index);
    for (let index = 0; index < s.index - 4; index++) s.built.delete(s.cards[index].session_id);
  });
}

function show(s, index, row = -1) {
  s.index = Math.max(0, Math.min(index, s.cards.length));
  s.row = row;
  s.shownAt = performance.now();
  draw(s);
  prepare(s);
  sync(s);
}

// Sends what is not yet durable and asks for more sessions; waits while an answer is on its way.
function sync(s) {
  const left = s.cards.length - s.index;
  const hungry = left < REFILL_BELOW && !s.exhausted && Date.now() - s.asked > RESEND_AFTER_MS;
  if (!s.outbox.pending.size) s.outbox.tries = 0;
  if (!s.outbox.pending.size && !hungry) return;
  if (s.outbox.flying && Date.now() - s.outbox.sentAt < RESEND_AFTER_MS) return;
  s.outbox.flying = true;
  s.outbox.sentAt = Date.now();
  s.outbox.tries = (s.outbox.tries || 0) + 1;
  if (hungry) s.asked = Date.now();
  const wanted = !hungry ? 0 : left < REFILL_BELOW / 2 && s.cards.length ? CARDS_WANTED_IN_A_HURRY : CARDS_WANTED;
  s.send("sync", { operations: s.outbox.operations(), wanted, loaded: s.cards.slice(-400).map((card) => card.session_id), at: Date.now() });
}

function label(s, intent) {
  const card = s.cards[s.index];
  if (s.row < 0) {
    act(s, [null], { intent, status: SUBMITTED });
    return show(s, s.index + 1);
  }
  const rows = built(s, s.index).rows;
  const ids = rows[s.row].events.map((event) => event.event_id);
  const given = labelAt(s, card.session_id, ids[ids.length - 1]);
  act(s, ids, given && given.intent === intent ? null : { intent, status: SUBMITTED });
  show(s, s.index, Math.min(s.row + 1, rows.length - 1));
}

function travel(s, direction) {
  const action = step(s, direction);
  if (!action) return;
  const onward = direction === "redo" && action.changes[0].event_id === null;
  show(s, action.index + (onward ? 1 : 0), onward ? -1 : action.row);
}

function unfold(s, at) {
  const card = s.cards[s.index];
  const open = s.unfolded.get(card.session_id) || new Set();
  open.add(built(s, s.index).rows[at].events[0].event_id);
  s.unfolded.set(card.session_id, open);
  s.built.delete(card.session_id);
  show(s, s.index, at);
}

function perhaps(s, action, value) {
  if (action === "help" || s.helping) {
    s.helping = action === "help" ? !s.helping : false;
    return draw(s);
  }
  if (action === "previous") return show(s, s.index - 1);
  if (action === "undo" || action === "redo") return travel(s, action);
  if (s.index >= s.cards.length) return undefined;
  const rows = built(s, s.index).rows;
  const moves = {
    label: () => label(s, value),
    submit: () => show(s, s.index + 1),
    next: () => show(s, s.index + 1),
    skip: () => { act(s, [null], { intent: null, status: SKIPPED }); show(s, s.index + 1); },
    down: () => { s.row = Math.min(s.row + 1, rows.length - 1); draw(s); },
    up: () => { s.row = s.row < 0 ? rows.length - 1 : s.row - 1; draw(s); },
    focus: () => { s.row = s.row === value ? -1 : value; draw(s); },
    clear: () => { s.row = -1; draw(s); },
    unfold: () => unfold(s, value),
  };
  return moves[action]();
}

const KEYS = {
  ArrowDown: "down", j: "down", ArrowUp: "up", k: "up", ArrowLeft: "previous", ArrowRight: "next",
  Enter: "submit", " ": "skip", Escape: "clear", "?": "help",
};

// A control reached with Tab keeps Enter, Space and the arrows while it has the focus.
function isTaken(s, action) {
  const tree = s.root.getRootNode();
  const inside = document.activeElement === tree.host;
  const active = inside ? tree.activeElement : document.activeElement;
  if (!active || !active.matches("button, a, summary, [role=tab], [role=button]")) return false;
  return action === "submit" || action === "skip" || (!inside && ["up", "down", "previous", "next"].includes(action));
}

function onKey(s, event) {
  if (isTyping(event) || event.altKey || s.root.offsetParent === null) return;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let action = KEYS[letter];
  let value;
  if (event.ctrlKey || event.metaKey) {
    if (letter !== "z" && letter !== "y") return;
    action = event.shiftKey || letter === "y" ? "redo" : "undo";
  } else if (!action) {
    const intent = s.intents.find((one) => one.key === event.key);
    if (!intent) return;
    [action, value] = ["label", intent.id];
  }
  if (isTaken(s, action)) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.repeat && (action === "label" || action === "submit" || action === "skip")) return; // a key held down is one press
  s.go(action, value);
}

function onClick(s, event) {
  const path = event.composedPath().filter((node) => node instanceof Element);
  const fold = path.find((node) => node.hasAttribute("data-unfold"));
  if (fold) return s.go("unfold", Number(fold.dataset.unfold));
  const row = path.find((node) => node.hasAttribute("data-row"));
  if (row) return s.go("focus", Number(row.dataset.row));
  return undefined;
}

function mount(parent, key, data) {
  const s = createState(parent, key, data);
  s.go = (action, value) => perhaps(s, action, value);
  s.onkey = (event) => onKey(s, event);
  document.addEventListener("keydown", s.onkey, true);
  s.parts.card.addEventListener("click", (event) => onClick(s, event));
  // a clicked button gives the focus back, so that Enter and Space keep their meaning
  s.root.addEventListener("click", (event) => { const at = event.composedPath()[0].closest("button"); if (at) at.blur(); });
  s.timer = setInterval(() => { sync(s); if (s.parts.top.isConnected && s.outbox.pending.size) drawTop(s); }, 1000);
  return s;
}

function unmount(key) {
  const s = mounted.get(key);
  if (!s) return;
  document.removeEventListener("keydown", s.onkey, true);
  clearInterval(s.timer);
  mounted.delete(key);
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) {
    unmount(key);
    s = null;
  }
  if (!s) {
    s = mount(parentElement, key, data);
    mounted.set(key, s);
  }
  s.send = setTriggerValue;
  const language = s.language;
  takeData(s, data);
  if (language && language !== s.language) s.built.clear();
  paintIntents(s.root, s.intents);
  draw(s);
  prepare(s);
  sync(s);
  return () => unmount(key);
}
