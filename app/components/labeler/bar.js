// The line above the card (progress, saved or not) and the bar below it (mode, intents, moves).

function drawTop(s) {
  const counts = countsNow(s);
  const labelled = Object.values(counts).reduce((sum, one) => sum + one.sessions, 0);
  const events = Object.values(counts).reduce((sum, one) => sum + one.events, 0);
  const state = deliveryState(s);
  const refused = [...s.delivery.refused.values()];
  const reason = state === "refused" ? refused.join("\n") : s.delivery.problem ? s.delivery.problem.message : "";
  const last = s.undo[s.undo.length - 1];
  s.parts.top.replaceChildren(
    el("span", { class: "done" }, el("b", { class: "num" }, number(labelled, s.language)), " " + s.texts[labelled === 1 ? "session_labelled" : "sessions_labelled"],
      events ? el("span", { class: "muted" }, " · ",
        say(s.texts[events === 1 ? "event_labelled" : "events_labelled"], { n: number(events, s.language) })) : null),
    mixBar(s, counts, labelled),
    el("span", { class: "last muted" }, last ? lastWords(s, last) : ""),
    el("button", { class: "quiet", "data-action": "guidelines", "aria-pressed": String(s.guidelines.open), onclick: () => s.go("guidelines") },
      s.texts.guidelines_title, " ", el("kbd", {}, firstKey(s, "guidelines"))),
    el("span", { class: "state " + state, "data-state": state, title: reason },
      say(s.texts["state_" + state], { n: number(s.outbox.pending.size || refused.length, s.language) })),
  );
}

function mixBar(s, counts, labelled) {
  const words = s.intents.map((intent) => `${intent.name}: ${counts[intent.id].sessions}`).join(", ");
  return el("span", { class: "mix", role: "img", "aria-label": words, title: words },
    labelled ? s.intents.filter((intent) => counts[intent.id].sessions).map((intent) =>
      el("i", { style: { "flex-grow": counts[intent.id].sessions, background: `var(--intent-${intent.id})` } })) : null);
}

function lastWords(s, action) {
  const after = action.changes[0].after;
  const intent = after && [...s.intents, ...s.retired].find((one) => one.id === after.intent);
  const name = intent ? intent.name : !after ? s.texts.cleared : after.status === UNSURE ? s.texts.unsure : s.texts.skipped;
  const template = action.changes[0].event_id === null ? s.texts.last_session : s.texts.last_event;
  return [say(template, { name }), " ", el("button", { class: "quiet", onclick: () => s.go("undo") }, s.texts.undo, " ", el("kbd", {}, firstKey(s, "undo")))];
}

function modeLine(s, card, rows) {
  if (s.row < 0) return [el("span", { class: "mode" }, s.texts.mode_session), suggestionLine(s, card), el("span", { class: "muted hint" }, say(s.texts.mode_session_hint, { cap: firstKey(s, "down") }))];
  const event = rows[s.row].events[rows[s.row].events.length - 1];
  const subject = eventSubject(event);
  const [first, last] = spanOf(s);
  const words = first === last ? say(s.texts.mode_event, { n: s.row + 1, total: rows.length }) : say(s.texts.mode_span, { first: first + 1, last: last + 1, total: rows.length });
  return [
    el("span", { class: "mode event" }, icon(event.type, 14), words),
    el("span", { class: "muted hint" }, (s.types[event.type] || event.type) + (subject ? " · " + subject : "")),
    el("button", { class: "quiet", onclick: () => s.go("clear") }, s.texts.back_to_session, " ", el("kbd", {}, firstKey(s, "clear"))),
  ];
}

function intentButton(s, intent, given, counts, suggested) {
  const chosen = given && given.intent === intent.id;
  const key = firstKey(s, "intent:" + intent.id);
  return el("button", {
    class: "intent" + (chosen ? " chosen" : "") + (suggested ? " suggested" : ""), "data-intent": intent.id, title: intent.definition,
    "aria-pressed": String(!!chosen), "aria-keyshortcuts": key, style: { "--c": `var(--intent-${intent.id})`, "--ink": `var(--ink-${intent.id})` },
    onclick: () => s.go("label", intent.id),
  }, el("kbd", {}, key), el("span", { class: "name" }, intent.name),
    suggested ? el("span", { class: "score num", title: suggestionWords(s, suggested) }, number(suggested.score, s.language, 2)) : null,
    el("span", { class: "n num" }, number(counts[intent.id].sessions, s.language)));
}

function moveButton(s, action, disabled, pressed) {
  return el("button", { class: "move", "data-action": action, disabled, "aria-pressed": pressed === undefined ? null : String(pressed), onclick: () => s.go(action) },
    el("kbd", {}, firstKey(s, action)), el("span", {}, s.texts["do_" + action]));
}

function drawBar(s, card, rows) {
  const focused = s.row >= 0 ? rows[s.row].events[rows[s.row].events.length - 1].event_id : null;
  const given = labelAt(s, card.session_id, focused);
  const counts = countsNow(s);
  const suggested = s.row < 0 ? seenSuggestion(s, card) : null;
  s.parts.bar.classList.toggle("eventmode", s.row >= 0);
  s.parts.bar.replaceChildren(
    el("div", { class: "modeline" }, modeLine(s, card, rows)),
    el("div", { class: "intents", role: "group", "aria-label": s.row >= 0 ? s.texts.mode_event_short : s.texts.mode_session },
      s.intents.map((intent) => intentButton(s, intent, given, counts, suggested && suggested.intent === intent.id ? suggested : null))),
    el("div", { class: "moves" },
      moveButton(s, "previous", s.index === 0),
      moveButton(s, "submit", false),
      moveButton(s, "skip", false),
      moveButton(s, "unsure", false, s.unsure),
      moveButton(s, "note", false),
      moveButton(s, "up", false),
      moveButton(s, "down", false),
      moveButton(s, "extend_down", false),
      moveButton(s, "undo", !s.undo.length),
      moveButton(s, "redo", !s.redo.length),
      moveButton(s, "help", false)),
  );
}

function drawEmpty(s) {
  s.parts.card.replaceChildren(el("div", { class: "empty" },
    el("b", {}, s.exhausted ? s.texts.queue_done : s.texts.queue_loading),
    el("p", { class: "muted" }, s.exhausted ? s.texts.queue_done_hint : s.texts.queue_loading_hint),
    s.cards.length ? el("button", { onclick: () => s.go("previous") }, el("kbd", {}, firstKey(s, "previous")), " ", s.texts.do_previous) : null));
  s.parts.bar.replaceChildren();
}
