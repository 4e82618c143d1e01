// The Live page: asks the API once a second and shows what changed. Streamlit calls the exported function at each run
// of the page; the state of a mounted page lives in `mounted`.

const EVERY_MS = 1000;
const ANSWER_MS = 8000;
const TELL_MS = 600;
const FIRST_ROWS = 30; // as many as are in view; more come as the list is scrolled
const MORE_ROWS = 40;
const MOST_ROWS = 200;
const mounted = new Map();

function createState(parent) {
  const root = parent.querySelector(".live");
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  return { root, parts, rows: new Map(), bars: new Map(), paused: false, failures: 0, problem: null, timer: 0, busy: false, view: null, told: "", pointedAt: -Infinity, drawn: FIRST_ROWS };
}

function takeData(s, data) {
  const spoken = s.language;
  for (const name of ["texts", "types", "intents", "language", "orders", "windows", "post"]) s[name] = data[name];
  s.names = new Map(s.intents.map((intent) => [intent.id, intent.name]));
  const told = JSON.stringify(data.asked);
  if (told !== s.told) {
    s.told = told;
    s.asked = { ...data.asked };
  }
  if (spoken !== s.language) s.parts.tools.replaceChildren();
}

async function fetchView(s) {
  const answer = await fetch(s.post.url + "?" + new URLSearchParams({ ...s.asked, limit: s.drawn }), {
    headers: { "X-Page-Token": s.post.token },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  return answer.json();
}

function plan(s, wait) {
  clearTimeout(s.timer);
  s.timer = setTimeout(() => look(s), wait);
}

// One look at the shop; what fails is tried again, later and later.
async function look(s) {
  clearTimeout(s.timer);
  if (!s.root.isConnected) return;
  if (s.paused || document.hidden || s.busy) return plan(s, EVERY_MS);
  s.busy = true;
  const asked = JSON.stringify(s.asked);
  try {
    const view = await fetchView(s);
    s.failures = 0;
    s.problem = null;
    if (asked === JSON.stringify(s.asked)) s.view = view;
  } catch (error) {
    s.failures += 1;
    s.problem = error.status === 403 || error.status === 401 ? "foreign" : "offline";
  } finally {
    s.busy = false;
  }
  if (!s.root.isConnected) return;
  requestAnimationFrame(() => draw(s));
  plan(s, asked === JSON.stringify(s.asked) ? EVERY_MS * Math.min(1 + s.failures, 5) : 0);
}

function ask(s, changes) {
  Object.assign(s.asked, changes);
  s.drawn = FIRST_ROWS;
  clearTimeout(s.telling);
  s.telling = setTimeout(() => {
    s.told = JSON.stringify(s.asked);
    s.send("asked", { ...s.asked });
  }, TELL_MS);
  drawChips(s);
  look(s);
}

function showMore(s) {
  if (!s.view || s.drawn >= Math.min(MOST_ROWS, s.view.matching)) return;
  s.drawn = Math.min(MOST_ROWS, s.drawn + MORE_ROWS);
  look(s);
}

function drawStatus(s) {
  const state = s.paused ? "paused" : s.problem || (s.view?.model === "none" ? "no_model" : s.view?.model === "loading" ? "loading" : "live");
  const time = s.view ? clockTime(s.view.now_s * 1000, s.language) : "";
  const stamp = state + s.language;
  s.parts.status.dataset.state = state;
  if (stamp !== s.statusStamp) {
    s.statusStamp = stamp;
    s.parts.clock = el("span", { class: "num muted", "aria-live": "off" });
    s.parts.status.replaceChildren(el("span", { class: "dot" }), el("span", {}, s.texts["state_" + state]), s.parts.clock,
      el("button", { "aria-pressed": String(s.paused), onclick: () => pause(s) }, s.paused ? s.texts.go_on : s.texts.pause));
  }
  s.parts.clock.textContent = time ? time + " UTC" : "";
}

function pause(s) {
  s.paused = !s.paused;
  drawStatus(s);
  s.root.getRootNode().querySelector(".status button")?.focus();
  look(s);
}

function drawReplay(s) {
  const replay = s.view.replay;
  s.parts.replay.hidden = replay.state !== "running";
  if (s.parts.replay.hidden) return;
  const values = { speed: number(replay.speed, s.language, 1), sent: number(replay.sent, s.language), total: number(replay.total, s.language), time: replay.at ? clockTime(Date.parse(replay.at), s.language, true) : "" };
  s.parts.replay.replaceChildren();
  fill(s.parts.replay, {}, [
    el("progress", { max: 1, value: replay.progress, "aria-label": s.texts.replay_progress }),
    el("span", { class: "num" }, say(replay.speed ? s.texts.replay_running : s.texts.replay_fast, values)),
    replay.behind_s > 2 ? el("span", { class: "muted num" }, say(s.texts.replay_behind, { time: duration(replay.behind_s * 1000, s.language) })) : null]);
}

function drawTiles(s) {
  const v = s.view;
  const ended = v.left_in_window + v.ordered_in_window;
  const tile = (name, value, base, help) => el("div", { class: "tile", title: help }, el("span", { class: "muted" }, name), el("b", { class: "num" }, value), el("span", { class: "muted num" }, base));
  const share = (part, whole) => (whole ? percent(part / whole, s.language) : "–");
  s.parts.tiles.replaceChildren(
    tile(s.texts.tile_visitors, number(v.active, s.language), say(s.texts.tile_window, { n: s.asked.minutes })),
    tile(s.texts.tile_unsure, share(v.unsure, v.active), say(s.texts.tile_of, { part: number(v.unsure, s.language), n: number(v.active, s.language) })),
    tile(s.texts.tile_orders, number(v.ordered_in_window, s.language), say(s.texts.tile_window, { n: s.asked.minutes })),
    tile(s.texts.tile_left, number(v.left_in_window, s.language), say(s.texts.tile_left_of, { share: share(v.left_in_window, ended), n: number(ended, s.language) }), s.texts.mark_left_help),
    tile(s.texts.tile_events, number(v.stored_in_window / s.asked.minutes, s.language, 1), s.texts.tile_events_of));
}

// Intents with the number of visitors in each: a legend, and what the list is restricted to.
function drawChips(s) {
  const counts = s.view?.by_intent || {};
  const ids = [...new Set([...s.intents.map((intent) => intent.id), ...Object.keys(counts)])];
  const choices = [["", s.texts.all, s.view?.active], ...ids.map((id) => [id, intentName(s, id), counts[id]]), ["unsure", s.texts.mark_unsure, s.view?.unsure], ["left", s.texts.mark_left, s.view?.left]];
  s.parts.chips.setAttribute("aria-label", s.texts.chips);
  const stamp = choices.map((choice) => choice[0]).join() + s.language;
  if (stamp !== s.chipStamp) {
    s.chipStamp = stamp;
    s.chips = new Map(choices.map(([id, name]) => {
      const count = el("span", { class: "num" });
      const special = ["", "unsure", "left"].includes(id);
      return [id, { count, node: el("button", { onclick: () => ask(s, { intent: s.asked.intent === id ? "" : id }) }, special ? null : swatch(id), name, " ", count) }];
    }));
    s.parts.chips.replaceChildren(...[...s.chips.values()].map((chip) => chip.node));
  }
  for (const [id, , count] of choices) {
    const chip = s.chips.get(id);
    chip.count.textContent = number(count || 0, s.language);
    chip.node.classList.toggle("on", s.asked.intent === id);
    chip.node.setAttribute("aria-pressed", String(s.asked.intent === id));
  }
}

function drawTools(s) {
  if (s.parts.tools.childElementCount) return;
  const choose = (name, label, values, say_) => el("label", {}, el("span", { class: "muted" }, label), el("select", { onchange: (event) => ask(s, { [name]: event.target.value }) },
    values.map((value) => el("option", { value, selected: String(s.asked[name]) === String(value) }, say_(value)))));
  s.parts.tools.replaceChildren(
    el("label", {}, el("span", { class: "muted" }, s.texts.search), el("input", { type: "search", value: s.asked.search, placeholder: s.texts.search_hint, oninput: (event) => ask(s, { search: event.target.value.trim() }) })),
    choose("order", s.texts.order, s.orders, (name) => s.texts["order_" + name]),
    choose("minutes", s.texts.window, s.windows, (n) => say(s.texts.window_of, { n })));
  const heads = ["intent", "visitor", "event", "since", "events", "marks", "seen"];
  s.parts.head.replaceChildren(...heads.map((name) => el("span", { class: name }, s.texts["head_" + name])));
}

function drawFoot(s) {
  const v = s.view;
  let words = say(s.texts.foot, { shown: number(v.visitors.length, s.language), n: number(v.matching, s.language) });
  if (!v.active) words = say(s.texts.nobody, { n: s.asked.minutes });
  else if (!v.matching) words = s.texts.no_match;
  if (v.pushed_out) words += " " + say(s.texts.pushed_out, { n: number(v.pushed_out, s.language) });
  s.parts.foot.textContent = words;
  s.parts.head.hidden = !v.matching;
}

function draw(s) {
  drawStatus(s);
  drawTools(s);
  drawChips(s);
  if (!s.view) return;
  drawAlarms(s, s.view);
  drawReplay(s);
  drawTiles(s);
  drawBars(s, s.view);
  drawFlow(s, s.view);
  drawRows(s, s.view);
  drawFoot(s);
}

function unmount(key) {
  const s = mounted.get(key);
  if (!s) return;
  clearTimeout(s.timer);
  clearTimeout(s.telling);
  s.watcher.disconnect();
  mounted.delete(key);
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) {
    unmount(key);
    s = null;
  }
  const fresh = !s;
  if (fresh) {
    s = createState(parentElement);
    mounted.set(key, s);
    for (const kind of ["pointermove", "pointerdown"]) s.parts.rows.addEventListener(kind, () => { s.pointedAt = performance.now(); });
    s.watcher = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) showMore(s); });
    s.watcher.observe(s.parts.more);
    s.parts.rows.addEventListener("keydown", (event) => stepRow(s, event));
  }
  s.send = setTriggerValue;
  takeData(s, data);
  paintIntents(s.root, s.intents);
  draw(s);
  if (fresh) look(s);
  return () => unmount(key);
}
