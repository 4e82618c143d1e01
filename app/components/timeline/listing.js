// The same events as a table, for whoever cannot see or point at a canvas; and what a screen reader is told.

const MOST_ROWS = 200;

function drawTable(s) {
  s.parts.listing.hidden = !s.tabled || !s.events.length;
  if (s.parts.listing.hidden) return;
  const [from, to] = s.brush || shownRange(s), last = Math.min(to, from + MOST_ROWS - 1);
  const rows = [];
  for (let i = from; i <= last; i++) rows.push(tableRow(s, i));
  const heads = ["time", "event", "intent", "moved", "labels"].map((name) => el("th", { scope: "col" }, s.texts["column_" + name]));
  s.parts.listing.replaceChildren(
    el("table", { "aria-label": s.texts.table }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows)),
    last < to ? el("div", { class: "muted", style: { padding: "6px 10px" } }, say(s.texts.more_rows, { n: number(to - last, s.language) })) : "");
}

function tableRow(s, i) {
  const event = s.events[i], best = topIntents(s, i, 1)[0];
  return el("tr", { class: i === s.selected ? "on" : "" },
    el("td", { class: "num" }, clockTime(event.t, s.language, true)),
    el("td", {}, el("button", { onclick: () => choose(s, s.byId.get(event.event_id) ?? -1) }, eventWords(s, event)),
      visitorWords(s, event) ? el("span", { class: "muted" }, " " + visitorWords(s, event)) : null),
    el("td", {}, best ? best.intent.name + " " + percent(best.value, s.language) : ""),
    el("td", {}, [best && best.change !== null ? signedPoints(s, best.change) : "", changeAt(s, i)].filter(Boolean).join(" · ")),
    el("td", {}, notesAt(s, event).map((note) => noteWords(s, note)).join("; ")));
}

// What changed, in words; the view itself only once it rests.
function announce(s, words, visible = false) {
  s.parts.live.textContent = words;
  if (!visible || !words) return;
  clearTimeout(s.saying);
  s.parts.veil.hidden = false;
  s.parts.veil.replaceChildren(el("span", {}, words));
  s.saying = setTimeout(() => drawState(s), 1500);
}

function viewWords(s) {
  const [from, to] = shownRange(s), track = s.tracks[0];
  const means = track?.ready ? meanScores(s, track, from, to) : null;
  const best = means && s.intents[means.indexOf(Math.max(...means))].name;
  const values = { n: number(to - from + 1, s.language), total: number(s.total, s.language), from: clockTime(s.events[from].t, s.language, true), to: clockTime(s.events[to].t, s.language, true), intent: best || "" };
  return say(best ? s.texts.view_words_intent : s.texts.view_words, values);
}
