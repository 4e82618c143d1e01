// The overlay with everything by key, where keys can be changed.

function keyRow(s, id, name, hint) {
  const keys = s.keysOf.get(id) || [];
  const waits = s.remapping === id;
  const ask = () => { s.remapping = id; s.keyMessage = say(s.texts.keys_press, { name: deedName(s, id) }); drawHelp(s); };
  const caps = waits ? "…" : keys.map((key) => el("kbd", {}, keyLabel(s, key)));
  return [
    el("dt", {}, FIXED_ACTIONS.has(id) ? caps
      : el("button", { class: "key quiet" + (waits ? " waits" : ""), "data-remap": id, title: s.texts.keys_change, "aria-label": s.texts.keys_change + ": " + deedName(s, id), onclick: ask }, caps)),
    el("dd", {}, name, hint ? el("span", { class: "muted" }, " · " + hint) : null),
  ];
}

function drawHelp(s) {
  s.parts.help.hidden = !s.helping;
  if (!s.helping) return;
  const close = el("button", { class: "close", onclick: () => s.go("help") }, s.texts.close, " ", el("kbd", {}, "Esc"));
  const intents = s.intents.map((intent) => keyRow(s, "intent:" + intent.id, el("b", { style: { color: `var(--intent-${intent.id})` } }, intent.name), intent.definition));
  const sheet = el("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": s.texts.help },
    el("h3", {}, s.texts.help_title),
    el("p", { class: "muted" }, s.texts.keys_hint),
    el("p", { class: "keymessage", role: "status" }, s.keyMessage || ""),
    el("h4", {}, s.texts.help_intents),
    el("p", { class: "muted" }, s.texts.help_label),
    el("dl", {}, intents),
    el("h4", {}, s.texts.help_actions),
    el("dl", {}, Object.keys(USUAL_KEYS).map((id) => keyRow(s, id, s.texts["help_" + id]))),
    el("div", { class: "sheetfoot" }, close,
      el("button", { disabled: !Object.keys(s.ownKeys).length, onclick: () => { resetKeys(s); s.keyMessage = ""; draw(s); } }, s.texts.keys_reset)));
  const top = s.parts.help.firstChild ? s.parts.help.firstChild.scrollTop : 0;
  s.parts.help.replaceChildren(sheet);
  sheet.scrollTop = top;
  if (!s.remapping) close.focus({ preventScroll: true });
}
