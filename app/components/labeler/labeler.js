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
    shownAt: performance.now(), helping: false, exhausted: false, shown: null, progress: data.progress, anchor: null, unsure: false,
    noting: false, note: "", drawer: false, firstShown: new Map(), suggestionsHidden: areHidden(data.annotator),
    ownKeys: storedKeys(data.annotator), remapping: null, guidelines: createGuidelines(data.annotator),
  };
}

function takeData(s, data) {
  for (const name of ["intents", "types", "texts", "language", "exhausted"]) s[name] = data[name];
  s.retired = data.retired || [];
  if (!s.post || s.post.token !== data.post.token) s.delivery.notBefore = 0; // another server: try at once
  const isOtherDesk = s.post && s.post.desk !== data.post.desk;
  s.post = data.post;
  bindKeys(s);
  if (data.guidelines) takeGuidelines(s, data.guidelines);
  if (isOtherDesk && s.cards.length) tellCards(s);
  else takeCards(s, data.queue);
}

function built(s, index) {
  const card = s.cards[index];
  if (!s.built.has(card.session_id)) s.built.set(card.session_id, buildCard(s, card));
  return s.built.get(card.session_id);
}

function draw(s) {
  const card = s.cards[s.index];
  drawTop(s);
  drawHelp(s);
  drawNote(s);
  drawDrawer(s, card);
  drawGuidelines(s);
  if (!card) {
    s.shown = null;
    return drawEmpty(s);
  }
  if (!s.firstShown.has(card.session_id)) s.firstShown.set(card.session_id, Date.now());
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
  if (index !== s.index) clearNote(s);
  s.anchor = null;
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
  const wanted = wantedLabel(s, intent);
  if (s.row < 0) {
    act(s, [null], wanted);
    return show(s, s.index + 1);
  }
  const rows = built(s, s.index).rows;
  const [first, last] = spanOf(s);
  const ids = rows.slice(first, last + 1).flatMap((row) => row.events.map((event) => event.event_id));
  const isGiven = ids.every((id) => { const given = labelAt(s, card.session_id, id); return given && given.intent === intent && given.status === wanted.status; });
  act(s, ids, isGiven ? null : wanted);
  clearNote(s);
  show(s, s.index, Math.min(last + 1, rows.length - 1));
}

// Enter: what stands is kept already; a doubt or a note without a key is given to the session first.
function submit(s) {
  const given = labelAt(s, s.cards[s.index].session_id, null);
  if (s.unsure || s.note.trim()) act(s, [null], wantedLabel(s, given ? given.intent : null));
  show(s, s.index + 1);
}

function accept(s) {
  const given = seenSuggestion(s, s.cards[s.index]);
  if (!given) return;
  s.row = -1;
  label(s, given.intent);
}

// Moves the hand by `by` rows; `extend` keeps the row it started from, so that a label goes to all between.
function move(s, by, extend) {
  const rows = built(s, s.index).rows;
  if (s.row < 0) s.row = by > 0 ? 0 : rows.length - 1;
  else {
    if (extend && s.anchor === null) s.anchor = s.row;
    s.row = Math.max(0, Math.min(s.row + by, rows.length - 1));
  }
  if (!extend) s.anchor = null;
  draw(s);
}

function focusRow(s, at, extend) {
  if (extend && s.row >= 0) s.anchor = s.anchor === null ? s.row : s.anchor;
  else s.anchor = null;
  s.row = s.row === at && s.anchor === null ? -1 : at;
  draw(s);
}

function clear(s) {
  if (s.row < 0 && s.drawer) s.drawer = false;
  else if (s.row < 0) clearNote(s);
  s.row = -1;
  s.anchor = null;
  draw(s);
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
    s.remapping = null;
    s.keyMessage = "";
    return draw(s);
  }
  if (action === "previous") return show(s, s.index - 1);
  if (action === "undo" || action === "redo") return travel(s, action);
  if (s.index >= s.cards.length) return undefined; // no session, no label
  const moves = {
    label: () => label(s, value),
    accept: () => accept(s),
    submit: () => submit(s),
    next: () => show(s, s.index + 1),
    skip: () => { act(s, [null], { intent: null, status: SKIPPED, note: s.note.trim() || null }); show(s, s.index + 1); },
    unsure: () => { s.unsure = !s.unsure; draw(s); },
    note: () => { s.noting = true; draw(s); s.noteField.focus(); },
    down: () => move(s, 1, false),
    up: () => move(s, -1, false),
    extend_down: () => move(s, 1, true),
    extend_up: () => move(s, -1, true),
    focus: () => focusRow(s, value.at, value.extend),
    clear: () => clear(s),
    history: () => { s.drawer = !s.drawer; draw(s); },
    guidelines: () => { toggleGuidelines(s); if (s.guidelines.open) s.drawer = false; draw(s); }, // the drawer would lie over them
    suggestions: () => { toggleSuggestions(s); draw(s); },
    unfold: () => unfold(s, value),
  };
  return moves[action]();
}

// A control reached with Tab keeps Enter, Space and the arrows while it has the focus.
function isTaken(s, action) {
  const tree = s.root.getRootNode();
  const inside = document.activeElement === tree.host;
  const active = inside ? tree.activeElement : document.activeElement;
  if (!active || !active.matches("button, a, summary, input, [role=tab], [role=button]")) return false;
  return action === "submit" || action === "skip" || (!inside && ["up", "down", "extend_up", "extend_down", "previous", "next"].includes(action));
}

const ONCE_A_PRESS = new Set(["label", "submit", "skip", "accept", "unsure", "help", "history", "guidelines", "suggestions", "note"]);

function onKey(s, event) {
  if (isTyping(event) || event.altKey || s.root.offsetParent === null) return;
  const deed = s.deeds.get(keyName(event));
  if (!s.remapping && (!deed || isTaken(s, deed.action))) return;
  event.preventDefault();
  event.stopPropagation();
  if (s.remapping) return takeNewKey(s, event);
  if (event.repeat && ONCE_A_PRESS.has(deed.action)) return; // a key held down is one press
  s.go(deed.action, deed.value);
}

function onClick(s, event) {
  const path = event.composedPath().filter((node) => node instanceof Element);
  const fold = path.find((node) => node.hasAttribute("data-unfold"));
  if (fold) return s.go("unfold", Number(fold.dataset.unfold));
  const row = path.find((node) => node.hasAttribute("data-row") || node.hasAttribute("data-lane"));
  if (row) return s.go("focus", { at: Number(row.dataset.row || row.dataset.lane), extend: event.shiftKey });
  return undefined;
}

function mount(parent, key, data) {
  const s = createState(parent, key, data);
  s.go = (action, value) => perhaps(s, action, value);
  s.onkey = (event) => onKey(s, event);
  document.addEventListener("keydown", s.onkey, true);
  const focused = document.activeElement;
  if (focused && focused.matches("[data-testid=stSidebar] [role=combobox]")) focused.blur(); // a queue was chosen there: now the keys mean labels
  for (const kind of ["pointerover", "focusin"]) s.parts.bar.addEventListener(kind, (event) => pointOut(s, event.target));
  s.parts.card.addEventListener("click", (event) => onClick(s, event));
  // a clicked button gives the focus back, so that Enter and Space keep their meaning
  s.root.addEventListener("click", (event) => { const at = event.composedPath()[0].closest("button"); if (at) at.blur(); });
  // so does a switch of the page that was clicked; one reached with Tab keeps it
  s.onpress = () => setTimeout(() => { const at = document.activeElement; if (at && at.matches("input[type=checkbox]")) at.blur(); });
  document.addEventListener("pointerup", s.onpress, true);
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
  document.removeEventListener("pointerup", s.onpress, true);
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
  if (language !== s.language) {
    fetchGuidelines(s);
    s.built.clear();
    buildNote(s);
  }
  paintIntents(s.root, [...s.retired, ...s.intents]);
  takeTarget(s, data.target);
  draw(s);
  prepare(s);
  sync(s);
  return () => unmount(key);
}
