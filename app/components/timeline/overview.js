// Below the lanes: everything at hand as one strip with a frame around the part in view; and, of a visitor with more
// events than are at hand, all the days there were.

function paintStripBase(s) {
  const context = fitCanvas(s, s.parts.strip, s.width, STRIP);
  const whole = s.span + 2 * AIR, place = (x) => ((x + AIR) / whole) * s.width;
  for (const block of s.blocks) {
    const left = place(s.x[block.from] - 0.5);
    context.fillStyle = s.ink.line;
    context.fillRect(left, 6, Math.max(1.5, place(s.x[block.to] + 0.5) - left), STRIP - 12);
  }
  const top = s.tracks[0]?.top;
  for (let i = 0; top && i < s.x.length; ) {
    let next = i + 1; // neighbours of one intent and one session are one rectangle
    while (next < s.x.length && top[next] === top[i] && s.events[next].session_id === s.events[i].session_id) next += 1;
    if (top[i] >= 0) {
      const left = place(s.x[i] - 0.5);
      context.fillStyle = s.solid[top[i]];
      context.fillRect(left, 9, Math.max(1, place(s.x[next - 1] + 0.5) - left), STRIP - 18);
    }
    i = next;
  }
  context.fillStyle = s.ink.order;
  for (const order of s.orders) context.fillRect(place(s.x[order.index]) - 1, 2, 2, 7);
}

// The strip is drawn once; the frame is an element above it.
function paintStrip(s) {
  const stamp = [s.width, s.drawing, s.byTime].join();
  if (stamp !== s.stripStamp) paintStripBase(s);
  s.stripStamp = stamp;
  const whole = s.span + 2 * AIR;
  s.parts.window.style.left = Math.max(0, ((s.view.from + AIR) / whole) * 100) + "%";
  s.parts.window.style.width = Math.max(0.5, (s.view.width / whole) * 100) + "%";
}

const YEAR_BARS = 120;
const DAY_MS = 86400000;

function drawYears(s) {
  s.parts.years.hidden = !s.events.length || s.events.length >= s.total || !s.days.length;
  if (s.parts.years.hidden) return;
  const times = s.days.map(([day]) => Date.parse(day + "T00:00:00Z"));
  const first = times[0], whole = Math.max(DAY_MS, times[times.length - 1] + DAY_MS - first);
  s.years = [first, first + whole];
  const counts = new Array(YEAR_BARS).fill(0);
  s.days.forEach(([, count], n) => { counts[Math.min(YEAR_BARS - 1, Math.floor(((times[n] - first) / whole) * YEAR_BARS))] += count; });
  const most = Math.max(...counts), share = (ms) => ((ms - first) / whole) * 100;
  const bars = counts.map((count, n) => (count ? el("i", { style: { left: (n / YEAR_BARS) * 100 + "%", width: 90 / YEAR_BARS + "%", height: Math.max(8, (count / most) * 100) + "%" } }) : null));
  const [from, to] = [share(s.events[0].t), share(s.events[s.events.length - 1].t)];
  s.parts.years.replaceChildren(
    el("div", { class: "bars", title: s.texts.years_help }, bars, el("b", { style: { left: Math.max(0, from) + "%", width: Math.max(0.6, to - from) + "%" } })),
    el("div", { class: "ends" }, el("span", {}, s.days[0][0]), el("span", {}, s.texts.years), el("span", {}, s.days[s.days.length - 1][0])));
}
