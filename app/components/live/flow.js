// How often visitors turned from one intent to another in the window, the commonest changes first.

const FLOWS = 8;

function swatch(id) {
  return el("i", { class: "swatch", style: { background: `var(--intent-${id}, var(--muted))` } });
}

function intentName(s, id) {
  return s.names.get(id) || id;
}

function drawFlow(s, view) {
  const most = view.changes[0]?.[2] || 1;
  const line = ([from, to, count]) => el("div", { class: "change" },
    swatch(from), el("span", {}, intentName(s, from)), el("span", { class: "muted" }, "→"), swatch(to), el("span", {}, intentName(s, to)),
    el("span", { class: "track" }, el("span", { style: { width: (count / most) * 100 + "%", background: `var(--intent-${to}, var(--muted))` } })),
    el("b", { class: "num" }, number(count, s.language)));
  s.parts.flow.replaceChildren(
    el("h3", {}, s.texts.changes),
    ...(view.changes.length ? view.changes.slice(0, FLOWS).map(line) : [el("div", { class: "muted" }, s.texts.no_changes)]));
}
