// How to decide, beside the card: the guideline of one intent, the one under the pointer or the focus. The texts travel
// once a version, apart from the cards; a label carries the version that the annotator had before the eyes.

const GUIDELINES_PREFIX = "intentlens.guidelines.";
const CHANGED_FOR_MS = 12000;
const ASKED_AGAIN_MS = 4000;

function createGuidelines(annotator) {
  let open = false;
  try {
    open = localStorage.getItem(GUIDELINES_PREFIX + annotator) === "open";
  } catch {
    // closed, then
  }
  return { open, version: null, intents: {}, url: "", wanted: null, busy: false, shown: null, drawn: "", changed: false };
}

function toggleGuidelines(s) {
  const guidelines = s.guidelines;
  guidelines.open = !guidelines.open;
  guidelines.changed = false;
  try {
    if (guidelines.open) localStorage.setItem(GUIDELINES_PREFIX + s.annotator, "open");
    else localStorage.removeItem(GUIDELINES_PREFIX + s.annotator);
  } catch {
    // it holds until the page closes
  }
  if (guidelines.version !== guidelines.wanted) fetchGuidelines(s);
}

function takeGuidelines(s, { url, version }) {
  Object.assign(s.guidelines, { url, wanted: version });
  if (s.guidelines.version !== version) fetchGuidelines(s);
}

// Nothing waits for it: labels go on, under the version that was read last, until the new one is here.
async function fetchGuidelines(s) {
  const guidelines = s.guidelines;
  if (guidelines.busy || !s.post) return;
  guidelines.busy = true;
  try {
    const response = await fetch(guidelines.url + "?lang=" + s.language.slice(0, 2), { headers: { "X-Page-Token": s.post.token } });
    if (response.ok) arrive(s, await response.json());
  } catch {
    setTimeout(() => { if (s.root.isConnected && guidelines.version !== guidelines.wanted) fetchGuidelines(s); }, ASKED_AGAIN_MS); // nobody answered
  } finally {
    guidelines.busy = false;
  }
}

function arrive(s, { version, intents }) {
  const guidelines = s.guidelines;
  const before = guidelines.version;
  Object.assign(guidelines, { version, intents, drawn: "" });
  if (before !== null && before !== version) {
    guidelines.changed = true;
    s.parts.live.textContent = say(s.texts.guidelines_changed, { version });
    setTimeout(() => { guidelines.changed = false; drawGuidelines(s); }, CHANGED_FOR_MS);
  }
  drawGuidelines(s); // at once: a frame that is asked for already draws something else
}

// Shows the intent whose button is under the pointer or has the focus.
function pointOut(s, target) {
  const button = target instanceof Element ? target.closest("[data-intent]") : null;
  if (button && s.guidelines.shown !== button.dataset.intent) chooseGuideline(s, button.dataset.intent);
}

function chooseGuideline(s, intent) {
  s.guidelines.shown = intent;
  drawGuidelines(s);
}

function exampleRow(s, example) {
  const query = new URLSearchParams({ visitor: example.visitor_id || "", session: example.session_id });
  const name = example.visitor_id ? el("a", { href: "/visitor?" + query, target: "_blank", rel: "noopener" }, example.session_id) : example.session_id;
  return el("li", { class: example.positive ? "yes" : "no" }, el("b", { "aria-label": example.positive ? s.texts.guidelines_yes : s.texts.guidelines_no }, example.positive ? "✓" : "✗"), " ", name, example.why ? " · " + example.why : "");
}

function section(title, className, nodes) {
  return nodes.length ? el("section", { class: className }, title ? el("h4", {}, title) : null, nodes) : null;
}

function guidelineBody(s, intent) {
  const given = s.guidelines.intents[intent.id];
  if (!given) return [el("p", {}, intent.definition), el("p", { class: "muted" }, s.texts.guidelines_loading)];
  const examples = given.examples.map((example) => exampleRow(s, example));
  const sections = [
    section("", "", markdownNodes(given.text)), section(s.texts.guidelines_yes, "yes", markdownNodes(given.yes)),
    section(s.texts.guidelines_no, "no", markdownNodes(given.no)), section(s.texts.guidelines_examples, "examples", examples.length ? [el("ul", {}, examples)] : []),
  ].filter(Boolean);
  return [el("p", { class: "definition" }, intent.definition), sections.length ? sections : el("p", { class: "muted" }, s.texts.guidelines_none)];
}

function intentTab(s, intent, chosen) {
  return el("button", { class: "tab" + (chosen ? " chosen" : ""), "data-guideline": intent.id, "aria-pressed": String(chosen), style: { "--c": `var(--intent-${intent.id})`, "--ink": `var(--ink-${intent.id})` }, onclick: () => chooseGuideline(s, intent.id) }, intent.name);
}

// Draws only what changed: at a key that moves on, nothing.
function drawGuidelines(s) {
  const guidelines = s.guidelines;
  const panel = s.parts.guidelines;
  panel.parentElement.classList.toggle("guided", guidelines.open);
  panel.hidden = !guidelines.open && !guidelines.changed;
  if (panel.hidden) {
    guidelines.drawn = "";
    return;
  }
  const intent = s.intents.find((one) => one.id === guidelines.shown) || s.intents[0];
  const drawn = [guidelines.open, guidelines.changed, guidelines.version, intent.id, intent.name, intent.definition, s.intents.length, s.language].join("|");
  if (drawn === guidelines.drawn) return;
  guidelines.drawn = drawn;
  panel.classList.toggle("notice", !guidelines.open);
  const notice = guidelines.changed ? el("p", { class: "changed", role: "status" }, say(s.texts.guidelines_changed, { version: guidelines.version })) : null;
  const toggle = el("button", { class: "quiet", "data-action": "guidelines", onclick: () => s.go("guidelines") }, guidelines.open ? s.texts.close : s.texts.guidelines_show, " ", el("kbd", {}, firstKey(s, "guidelines")));
  if (!guidelines.open) return panel.replaceChildren(notice, toggle);
  panel.replaceChildren(
    el("header", {}, el("b", {}, s.texts.guidelines_title), guidelines.version ? el("span", { class: "muted num" }, say(s.texts.guidelines_version, { version: guidelines.version })) : null, toggle),
    ...[notice].filter(Boolean),
    el("div", { class: "tabs", role: "group", "aria-label": s.texts.guidelines_title }, s.intents.map((one) => intentTab(s, one, one.id === intent.id))),
    el("article", {}, guidelineBody(s, intent).flat()));
}
