// What of the table is in sight: it opens at the chosen cell, and says which way there is more.

// How much of the box its sticky head, foot and sides cover.
function covered(s) {
  const size = (selector) => s.parts.scroll.querySelector(selector)?.getBoundingClientRect() || { width: 0, height: 0 };
  const [corner, last] = [size("thead th.corner"), size("thead th.last")];
  return { left: corner.width, right: last.width, top: corner.height, bottom: size("tfoot th").height };
}

// Scrolls the table, and not the page, until the chosen cell lies in its middle.
function showChosen(s) {
  const box = s.parts.scroll;
  const index = s.plan.findIndex((row) => row.kind === "event" && row.t === s.at[0]);
  if (s.plan.length > ROWS_AT_ONCE) {
    box.scrollTop = Math.max(0, index * ROW_PX - box.clientHeight / 2);
    drawBody(s);
  }
  const node = cellNode(s, ...s.at);
  if (!node) return;
  const [outer, cell, hidden] = [box.getBoundingClientRect(), node.getBoundingClientRect(), covered(s)];
  box.scrollTop += cell.top - outer.top - (outer.height - cell.height) / 2;
  const [from, to] = [outer.left + hidden.left, outer.right - hidden.right];
  if (cell.left < from || cell.right > to) box.scrollLeft += cell.left - from - Math.max(0, to - from - cell.width) / 2;
}

// How many columns lie out of sight beyond the left and the right edge.
function columnsOutOfSight(s) {
  const [outer, hidden] = [s.parts.scroll.getBoundingClientRect(), covered(s)];
  const heads = [...s.parts.scroll.querySelectorAll("thead th.field")].map((node) => node.getBoundingClientRect());
  return {
    left: heads.filter((head) => (head.left + head.right) / 2 < outer.left + hidden.left).length,
    right: heads.filter((head) => (head.left + head.right) / 2 > outer.right - hidden.right).length,
  };
}

// Asked for where the browser lays the page out anyway: asking at once would have it laid out twice.
function sightLater(s) {
  s.toldSight = null;
  cancelAnimationFrame(s.sightAsked);
  s.sightAsked = requestAnimationFrame(() => drawSight(s));
}

function drawSight(s) {
  const box = s.parts.scroll;
  const out = columnsOutOfSight(s);
  const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height, scrollWidth, scrollHeight } = box;
  box.toggleAttribute("data-more-left", left > 2);
  box.toggleAttribute("data-more-right", left + width < scrollWidth - 2);
  box.toggleAttribute("data-more-above", top > 2);
  box.toggleAttribute("data-more-below", top + height < scrollHeight - 2);
  const go = (way) => box.scrollBy({ left: way * Math.max(120, box.clientWidth / 2) });
  const more = (count, text, way) => el("button", { class: "more", onclick: () => go(way) }, say(text, { n: count }));
  const told = `${out.left}|${out.right}`;
  if (told === s.toldSight) return;
  s.toldSight = told;
  s.parts.more.replaceChildren(
    ...(out.left ? [more(out.left, s.texts.more_left, -1)] : []), ...(out.right ? [more(out.right, s.texts.more_right, 1)] : []));
}
