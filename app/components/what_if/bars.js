// Paired bars: each intent's probability as it was and under the edits, with the difference in points.

function signedPoints(value, language) {
  const size = Math.abs(value) * 100;
  if (size < 0.05) return "±0";
  return (value > 0 ? "+" : "−") + number(size, language, size < 9.95 ? 1 : 0);
}

function bar(kind, value, color) {
  return el("span", { class: "bar " + kind }, el("i", { style: { width: (value * 100).toFixed(2) + "%", "--color": color } }));
}

function pair(s, at) {
  const intent = s.intents[at];
  const [before, after] = [s.before[at], s.after ? s.after[at] : null];
  const color = `var(--intent-${intent.id})`;
  const wins = s.after && Math.max(...s.after) === after;
  return el("div", { class: "pair" + (wins ? " wins" : ""), "data-intent": intent.id },
    el("span", { class: "name" }, intent.name, wins ? el("b", { class: "mark" }, s.texts.now_first) : null),
    el("span", { class: "tracks", "aria-hidden": "true" }, bar("before", before, color), after === null ? null : bar("after", after, color)),
    el("span", { class: "num said" },
      percent(before, s.language, before < 0.1 ? 1 : 0), after === null ? "" : " → ",
      after === null ? null : el("b", {}, percent(after, s.language, after < 0.1 ? 1 : 0))),
    el("span", { class: "num by" }, after === null ? "" : signedPoints(after - before, s.language)));
}

function drawBars(s) {
  const order = s.intents.map((_, at) => at).sort((one, two) => Math.max(s.before[two], s.after?.[two] ?? 0) - Math.max(s.before[one], s.after?.[one] ?? 0));
  s.parts.bars.replaceChildren(
    el("div", { class: "key muted" }, el("span", { class: "swatch before" }), s.texts.before, el("span", { class: "swatch after" }), s.texts.after,
      el("span", { class: "unit" }, s.texts.points)),
    ...order.map((at) => pair(s, at)));
}
