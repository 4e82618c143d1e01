// The labeler: sessions queue up in the browser, one key labels and moves on, the server hears of it behind the scenes.
// The whole state of a mounted labeler lives in `mounted`, because Streamlit calls the exported function at every rerun.

const ORPHANS_EVERY_MS = 10000;
const RESTING_MS = 120;
const mounted = new Map();

function createState(parent, key, data) {
  const root = parent.querySelector(".labeler");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return {
    key, root, parts, annotator: data.annotator, outbox: createOutbox(data.annotator), delivery: createDelivery(), supply: createSupply(),
    cards: [], known: new Set(), index: 0, row: -1, labels: new Map(), unfolded: new Map(), built: new Map(), undo: [], redo: [],
    shownAt: performance.now(), helping: false, exhausted: false, shown: null, progress: data.progress,
  };
}

function takeData(s, data) {
  for (const name of ["intents", "types", "texts", "language", "exhausted"]) s[name] = data[name];
  if (!s.post || s.post.token !== data.post.token) s.delivery.notBefore = 0; // another server: try at once
  s.post = data.post;
  takeCards(s, data.queue);
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
    for (let index = Math.max(0, s.index - 50); index < s.index - 4; index++) s.built.delete(s.cards[index].session_id);
  });
  clearTimeout(s.resting);
  s.resting = setTimeout(() => {
    for (let index = s.index; index < Math.min(s.index + 4, s.cards.length); index++) loadPictures(built(s, index), index === s.index ? 500 : 12);
  }, RESTING_MS);
}

function show(s, index, row = -1) {
  noteMove(s);
  s.index = Math.max(0, Math.min(index, s.cards.length));
  s.row = row;
  s.shownAt = performance.now();
  forgetFarCards(s);
  draw(s);
  prepare(s);
  sync(s);
}

function sync(s) {
  askForCards(s);
  setTimeout(() => deliver(s)); // after the key's own work: the next session comes first
}

// One drawing for all that happens within a frame.
function afterFrame(s, work) {
  if (s.scheduled) return;
  s.scheduled = true;
  requestAnimationFrame(() => {
    s.scheduled = false;
    if (s.root.isConnected) work();
  });
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
  s.timer = setInterval(() => { sync(s); if (s.outbox.pending.size) drawTop(s); }, 1000);
  s.orphans = setInterval(() => { s.outbox.adopt(ORPHAN_AFTER_MS); sync(s); }, ORPHANS_EVERY_MS);
  s.onhide = () => { if (document.visibilityState === "hidden") deliver(s, true); };
  document.addEventListener("visibilitychange", s.onhide);
  return s;
}

function unmount(key) {
  const s = mounted.get(key);
  if (!s) return;
  document.removeEventListener("keydown", s.onkey, true);
  document.removeEventListener("visibilitychange", s.onhide);
  clearInterval(s.timer);
  clearInterval(s.orphans);
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
