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
    el("span", { class: "done" }, el("b", { class: "num" }, number(labelled, s.language)), " " + s.texts.sessions_labelled,
      events ? el("span", { class: "muted" }, " · ", say(s.texts.events_labelled, { n: number(events, s.language) })) : null),
    mixBar(s, counts, labelled),
    el("span", { class: "last muted" }, last ? lastWords(s, last) : ""),
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
  const intent = after && s.intents.find((one) => one.id === after.intent);
  const name = intent ? intent.name : after ? s.texts.skipped : s.texts.cleared;
  const template = action.changes[0].event_id === null ? s.texts.last_session : s.texts.last_event;
  return [say(template, { name }), " ", el("button", { class: "quiet", onclick: () => s.go("undo") }, s.texts.undo, " ", el("kbd", {}, "Ctrl+Z"))];
}

function modeLine(s, card, rows) {
  if (s.row < 0) return [el("span", { class: "mode" }, s.texts.mode_session), el("span", { class: "muted hint" }, s.texts.mode_session_hint)];
  const event = rows[s.row].events[rows[s.row].events.length - 1];
  const subject = eventSubject(event);
  return [
    el("span", { class: "mode event" }, icon(event.type, 14), say(s.texts.mode_event, { n: s.row + 1, total: rows.length })),
    el("span", { class: "muted hint" }, (s.types[event.type] || event.type) + (subject ? " · " + subject : "")),
    el("button", { class: "quiet", onclick: () => s.go("clear") }, s.texts.back_to_session, " ", el("kbd", {}, "Esc")),
  ];
}

function intentButton(s, intent, given, counts) {
  const chosen = given && given.intent === intent.id;
  return el("button", {
    class: "intent" + (chosen ? " chosen" : ""), "data-intent": intent.id, title: intent.definition, "aria-pressed": String(!!chosen),
    "aria-keyshortcuts": intent.key, style: { "--c": `var(--intent-${intent.id})`, "--ink": `var(--ink-${intent.id})` },
    onclick: () => s.go("label", intent.id),
  }, el("kbd", {}, intent.key), el("span", { class: "name" }, intent.name), el("span", { class: "n num" }, number(counts[intent.id].sessions, s.language)));
}

function moveButton(s, action, key, text, disabled) {
  return el("button", { class: "move", "data-action": action, disabled, onclick: () => s.go(action) }, el("kbd", {}, key), el("span", {}, text));
}

function drawBar(s, card, rows) {
  const focused = s.row >= 0 ? rows[s.row].events[rows[s.row].events.length - 1].event_id : null;
  const given = labelAt(s, card.session_id, focused);
  const counts = countsNow(s);
  s.parts.bar.classList.toggle("eventmode", s.row >= 0);
  s.parts.bar.replaceChildren(
    el("div", { class: "modeline" }, modeLine(s, card, rows)),
    el("div", { class: "intents", role: "group", "aria-label": s.row >= 0 ? s.texts.mode_event_short : s.texts.mode_session },
      s.intents.map((intent) => intentButton(s, intent, given, counts))),
    el("div", { class: "moves" },
      moveButton(s, "previous", "←", s.texts.previous, s.index === 0),
      moveButton(s, "submit", "Enter", s.texts.next, false),
      moveButton(s, "skip", "Space", s.texts.skip, false),
      moveButton(s, "up", "↑", s.texts.event_up, false),
      moveButton(s, "down", "↓", s.texts.event_down, false),
      moveButton(s, "undo", "Ctrl+Z", s.texts.undo, !s.undo.length),
      moveButton(s, "redo", "Ctrl+⇧+Z", s.texts.redo, !s.redo.length),
      moveButton(s, "help", "?", s.texts.help, false)),
  );
}

function drawHelp(s) {
  const rows = [
    ["1 – " + s.intents.length, s.texts.help_label], ["↑ ↓  j k", s.texts.help_events], ["Enter", s.texts.help_enter], ["Space", s.texts.help_skip],
    ["← →", s.texts.help_sessions], ["Ctrl+Z", s.texts.help_undo], ["Ctrl+Shift+Z", s.texts.help_redo], ["Esc", s.texts.help_clear], ["?", s.texts.help_help],
  ];
  s.parts.help.hidden = !s.helping;
  if (!s.helping) return;
  const close = el("button", { onclick: () => s.go("help") }, s.texts.close, " ", el("kbd", {}, "Esc"));
  s.parts.help.replaceChildren(el("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": s.texts.help },
    el("h3", {}, s.texts.help_title),
    el("dl", {}, rows.map(([keys, text]) => [el("dt", {}, el("kbd", {}, keys)), el("dd", {}, text)])),
    el("h4", {}, s.texts.help_intents),
    el("dl", {}, s.intents.map((intent) => [
      el("dt", {}, el("kbd", {}, intent.key), " ", el("b", { style: { color: `var(--intent-${intent.id})` } }, intent.name)), el("dd", {}, intent.definition)])),
    close));
  close.focus();
}

function drawEmpty(s) {
  s.parts.card.replaceChildren(el("div", { class: "empty" },
    el("b", {}, s.exhausted ? s.texts.queue_done : s.texts.queue_loading),
    el("p", { class: "muted" }, s.exhausted ? s.texts.queue_done_hint : s.texts.queue_loading_hint),
    s.cards.length ? el("button", { onclick: () => s.go("previous") }, el("kbd", {}, "←"), " ", s.texts.previous) : null));
  s.parts.bar.replaceChildren();
}
