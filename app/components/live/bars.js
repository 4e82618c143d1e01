// Visitors by intent in each stretch of the window, stacked, the newest at the right.

function stacked(s, bar, tallest, place) {
  let y = 100;
  return s.intents.filter((intent) => bar[intent.id]).map((intent) => {
    const height = (bar[intent.id] / tallest) * 100;
    y -= height;
    return svg("rect", { x: place + 0.06, y, width: 0.88, height, style: { fill: `var(--intent-${intent.id})` } },
      svg("title", {}, `${intent.name}: ${number(bar[intent.id], s.language)}`));
  });
}

function drawBars(s, view) {
  const totals = view.bars.map((bar) => Object.values(bar).reduce((one, two) => one + two, 0));
  const tallest = Math.max(...totals, 1);
  const title = say(s.texts.bars, { length: duration(view.bar_s * 1000, s.language) });
  const drawing = svg("svg", { viewBox: `0 0 ${view.bars.length} 100`, preserveAspectRatio: "none", role: "img",
    "aria-label": say(s.texts.bars_said, { n: totals[totals.length - 1] ?? 0, most: tallest }) },
    view.bars.map((bar, place) => stacked(s, bar, tallest, place)));
  s.parts.bars.replaceChildren(
    el("h3", {}, title),
    el("div", { class: "chart" }, el("span", { class: "top num muted" }, number(tallest, s.language)), drawing),
    el("div", { class: "axis num muted" }, el("span", {}, clockTime(view.first_bar_s * 1000, s.language)), el("span", {}, s.texts.now)));
}
