// Which key does what: the usual keys, each annotator's own changes (kept in this browser), and the intents' keys.

const USUAL_KEYS = {
  submit: ["Enter"], skip: ["Space"], unsure: ["x"], note: ["n"], accept: ["a"], suggestions: ["s"], history: ["h"], guidelines: ["g"],
  down: ["ArrowDown", "j"], up: ["ArrowUp", "k"], extend_down: ["Shift+ArrowDown", "Shift+j"], extend_up: ["Shift+ArrowUp", "Shift+k"],
  previous: ["ArrowLeft"], next: ["ArrowRight"], undo: ["Ctrl+z"], redo: ["Ctrl+Shift+z", "Ctrl+y"], clear: ["Escape"], help: ["?"],
};
const FIXED_ACTIONS = new Set(["clear"]);
const SPARE_KEYS = "1234567890qwertyuiopdflzvbm"; // for intents whose own key is taken
const FOREIGN_KEYS = new Set(["r", "c", "Tab", "Escape", "Dead", "Process", "Unidentified"]); // r and c are Streamlit's
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);
const SHORT_NAMES = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Shift: "⇧" };
const KEYS_PREFIX = "intentlens.keys.";

// "a", "?", "Space", "Shift+ArrowDown", "Ctrl+Shift+z"
function keyName(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shows = key.length > 1 || /[a-z]/.test(key); // of other characters the shift is part
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.shiftKey && shows ? "Shift+" : "") + key;
}

function keyLabel(s, name) {
  const parts = name === "+" ? ["+"] : name.split("+");
  if (parts[0] === "Ctrl") return [...parts.slice(0, -1), parts.at(-1).toUpperCase()].join("+");
  return parts.map((part) => (part === "Space" ? s.texts.space : SHORT_NAMES[part] || (part.length === 1 ? part.toUpperCase() : part))).join("");
}

function storedKeys(annotator) {
  try {
    return JSON.parse(localStorage.getItem(KEYS_PREFIX + annotator)) || {};
  } catch {
    return {};
  }
}

function storeKeys(s) {
  try {
    if (Object.keys(s.ownKeys).length) localStorage.setItem(KEYS_PREFIX + s.annotator, JSON.stringify(s.ownKeys));
    else localStorage.removeItem(KEYS_PREFIX + s.annotator);
  } catch {
    // they hold until the page closes
  }
}

// Fills s.deeds (key -> {id, action, value}) and s.keysOf (id -> keys); an intent's id is "intent:" + its own.
function bindKeys(s) {
  s.deeds = new Map();
  s.keysOf = new Map();
  const bind = (id, keys, action, value) => {
    const free = keys.filter((key) => !s.deeds.has(key));
    for (const key of free) s.deeds.set(key, { id, action, value });
    s.keysOf.set(id, free);
  };
  const intents = s.intents.map((intent) => ["intent:" + intent.id, [intent.key], "label", intent.id]);
  const all = [...Object.entries(USUAL_KEYS).map(([action, keys]) => [action, keys, action]), ...intents];
  for (const [id, , action, value] of all) if (s.ownKeys[id]) bind(id, [s.ownKeys[id]], action, value);
  for (const [id, keys, action, value] of all) if (!s.ownKeys[id]) bind(id, keys, action, value);
  for (const [id, , action, value] of all) if (!s.keysOf.get(id).length) bind(id, [...SPARE_KEYS].filter((key) => !s.deeds.has(key)).slice(0, 1), action, value);
}

function firstKey(s, id) {
  const key = (s.keysOf.get(id) || [])[0];
  return key ? keyLabel(s, key) : "";
}

function deedName(s, id) {
  const intent = s.intents.find((one) => "intent:" + one.id === id);
  return intent ? intent.name : s.texts["help_" + id];
}

// Gives a deed another key; returns why not, or "".
function assignKey(s, id, key) {
  if (FOREIGN_KEYS.has(key) || /^F\d+$/.test(key) || (key.startsWith("Ctrl+") && !["Ctrl+z", "Ctrl+y", "Ctrl+Shift+z"].includes(key)))
    return say(s.texts.keys_refused, { cap: keyLabel(s, key) });
  const taken = s.deeds.get(key);
  if (taken && taken.id !== id) return say(s.texts.keys_taken, { cap: keyLabel(s, key), name: deedName(s, taken.id) });
  s.ownKeys[id] = key;
  keysChanged(s);
  return "";
}

function resetKeys(s) {
  s.ownKeys = {};
  keysChanged(s);
}

function keysChanged(s) {
  storeKeys(s);
  bindKeys(s);
  s.built.clear(); // keys are printed on the cards
}

// While the help asks for a new key, the next one pressed is it.
function takeNewKey(s, event) {
  if (MODIFIERS.has(event.key)) return;
  const id = s.remapping;
  s.remapping = null;
  s.keyMessage = event.key === "Escape" ? "" : assignKey(s, id, keyName(event));
  drawHelp(s);
  const button = s.parts.help.querySelector(`[data-remap="${CSS.escape(id)}"]`);
  if (button) button.focus();
}
