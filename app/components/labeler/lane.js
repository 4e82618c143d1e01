// The session at a glance: one icon a row, left to right, a gap where the visitor paused.

const PAUSE_MS = 5 * 60 * 1000;

function buildLane(s, rows) {
  const steps = rows.map((row, at) => {
    const event = row.events[row.events.length - 1];
    const pause = at > 0 && row.events[0].gap_ms >= PAUSE_MS;
    const name = (s.types[event.type] || event.type) + (row.events.length > 1 ? " ×" + row.events.length : "");
    const words = [name, eventSubject(event), pause ? "+" + duration(row.events[0].gap_ms, s.language) : ""].filter(Boolean).join(" · ");
    return el("button", { class: "step type-" + event.type + (pause ? " paused" : ""), "data-lane": at, title: words, "aria-label": words, tabindex: "-1" },
      el("span", { class: "ico" }, icon(event.type, 16)), row.events.length > 1 ? el("sup", { class: "num" }, row.events.length) : null);
  });
  return el("div", { class: "lane", role: "group", "aria-label": s.texts.lane }, steps);
}

function paintLane(node, given, at, focused, spanned) {
  node.classList.toggle("focus", focused);
  node.classList.toggle("span", spanned);
  node.style.setProperty("--row", given && given.intent ? `var(--intent-${given.intent})` : "transparent");
}

function showStep(lane, node) {
  const left = node.offsetLeft - lane.offsetLeft;
  if (left < lane.scrollLeft + 40) lane.scrollLeft = Math.max(0, left - 80);
  else if (left + node.offsetWidth > lane.scrollLeft + lane.clientWidth - 40) lane.scrollLeft = left + node.offsetWidth - lane.clientWidth + 80;
}
