// Visitors by intent in each stretch of the window, stacked, the newest at the right. A bar that did not change is kept.

function stacked(s, bar, tallest) {
  let y = 100;
  return s.intents.filter((intent) => bar[intent.id]).map((intent) => {
    const height = (bar[intent.id] / tallest) * 100;
    y -= height;
    return svg("rect", { x: 0.06, y, width: 0.88, height, style: { fill: `var(--intent-${intent.id})` } },
      svg("title", {}, `${intent.name}: ${number(bar[intent.id], s.language)}`));
  });
}

function keptBar(s, start, bar, tallest) {
  const stamp = JSON.stringify(bar) + tallest + s.language;
  const before = s.bars.get(start);
  if (before?.stamp === stamp) return before;
  return { stamp, node: svg("g", {}, stacked(s, bar, tallest)) };
}

function drawBars(s, view) {
  const totals = view.bars.map((bar) => Object.values(bar).reduce((one, two) => one + two, 0));
  const tallest = Math.max(...totals, 1);
  s.bars = new Map(view.bars.map((bar, place) => {
    const start = view.first_bar_s + place * view.bar_s;
    const kept = keptBar(s, start, bar, tallest);
    kept.node.setAttribute("transform", `translate(${place} 0)`);
    return [start, kept];
  }));
  const title = say(s.texts.bars, { length: duration(view.bar_s * 1000, s.language) });
  const drawing = svg("svg", { viewBox: `0 0 ${view.bars.length} 100`, preserveAspectRatio: "none", role: "img",
    "aria-label": say(s.texts.bars_said, { n: totals[totals.length - 1] ?? 0, most: tallest }) },
    [...s.bars.values()].map((bar) => bar.node));
  s.parts.bars.replaceChildren(
    el("h3", {}, title),
    el("div", { class: "chart" }, el("span", { class: "top num muted" }, number(tallest, s.language)), drawing),
    el("div", { class: "axis num muted" }, el("span", {}, clockTime(view.first_bar_s * 1000, s.language)), el("span", {}, s.texts.now)));
}
