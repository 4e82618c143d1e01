// The confusion matrix: a row a label, a column an answer of the model; a cell is tinted by its share of the row.

const mounted = new Map();

function tint(share, right, ink) {
  const side = right ? "var(--right)" : "var(--wrong)";
  const strength = Math.round(12 + Math.sqrt(share) * 76);
  return { background: `color-mix(in srgb, ${side} ${strength}%, var(--back))`, color: strength > 62 ? ink : "inherit" };
}

function cell(s, row, column) {
  const count = s.counts[row][column];
  if (!count) return el("td", {}, el("span", { class: "none" }, "·"));
  const total = s.counts[row].reduce((sum, value) => sum + value, 0);
  const [answer, guess] = [s.intents[row], s.intents[column]];
  const share = percent(count / total, s.language);
  const chosen = s.selected && s.selected[0] === answer.id && s.selected[1] === guess.id;
  const words = say(row === column ? s.texts.cell_right : s.texts.cell_wrong, { answer: answer.name, guess: guess.name, n: count, total, share });
  return el("td", {}, el("button", {
    "aria-pressed": String(!!chosen), "aria-label": words, title: words,
    style: tint(count / total, row === column, s.ink),
    onclick: () => s.send("cell", chosen ? { none: true } : { answer: answer.id, guess: guess.id }),
  }, number(count, s.language), el("small", {}, share)));
}

function head(s) {
  return el("thead", {},
    el("tr", {}, el("th", { class: "axis" }, s.texts.rows), el("th", { class: "axis", colspan: s.intents.length }, s.texts.columns), el("th", { class: "labels" })),
    el("tr", {}, el("th", {}), s.intents.map((intent) => el("th", { scope: "col" }, intent.name)), el("th", { scope: "col", class: "labels" }, s.texts.labels)));
}

function row(s, at) {
  const total = s.counts[at].reduce((sum, value) => sum + value, 0);
  const all = s.counts.flat().reduce((sum, value) => sum + value, 0);
  const rate = percent(all ? total / all : 0, s.language);
  return el("tr", {},
    el("th", { scope: "row" }, el("span", { class: "swatch", style: { background: `var(--intent-${s.intents[at].id})` } }), s.intents[at].name),
    s.intents.map((_, column) => cell(s, at, column)),
    el("td", { class: "total num" }, say(s.texts.total, { n: total, share: rate })));
}

function draw(s) {
  const left = s.parts.scroll.scrollLeft;
  s.parts.scroll.replaceChildren(el("table", { "aria-label": s.texts.table }, head(s), el("tbody", {}, s.intents.map((_, at) => row(s, at)))));
  s.parts.scroll.scrollLeft = left;
  const key = (side, text) => el("span", {}, el("i", { style: { background: `var(--${side})` } }), text);
  s.parts.legend.replaceChildren(key("right", s.texts.right), key("wrong", s.texts.wrong), el("span", {}, s.texts.hint));
}

export default function ({ data, setTriggerValue, parentElement, key }) {
  let s = mounted.get(key);
  if (s && !s.root.isConnected) s = null;
  if (!s) {
    const root = parentElement.querySelector(".confusion");
    s = { root, parts: Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node])) };
    mounted.set(key, s);
  }
  for (const name of ["texts", "language", "intents", "counts", "selected"]) s[name] = data[name];
  s.send = setTriggerValue;
  paintIntents(s.root, s.intents);
  s.ink = isDark(s.root) ? "#101418" : "#ffffff";
  draw(s);
  return () => mounted.delete(key);
}
