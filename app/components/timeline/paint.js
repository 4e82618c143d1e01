// Draws the lanes on the canvas. Each painter draws one lane from what is laid out and touches nothing else.

function fitCanvas(s, canvas, width, height) {
  const ratio = s.ratio || window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = height + "px";
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function paintMain(s) {
  const context = fitCanvas(s, s.parts.main, s.width, s.height);
  paintLanes(s, context);
}

function paintLanes(s, context) {
  context.font = `12px ${s.ink.font}`;
  const [from, to] = visibleRange(s);
  paintSessions(s, context, from, to);
  const [first, second] = s.tracks;
  if (first?.ready) {
    paintStacks(s, context, first, s.lanes.first, from, to);
    paintGrid(s, context, s.lanes.first, [0.25, 0.5, 0.75]);
    paintChanges(s, context, first, from, to);
  }
  if (second?.ready) {
    paintStacks(s, context, second, s.lanes.second, from, to);
    paintGrid(s, context, s.lanes.second, [0.5]);
    paintApart(s, context, from, to);
  }
  paintNotes(s, context, from, to);
  paintIcons(s, context, from, to);
  paintCart(s, context, from, to);
  paintAxis(s, context, from, to);
}

// The sessions' dates, and the ground of every lane that is theirs. A date is written where it has room, or not at all.
function paintSessions(s, context, from, to) {
  const grounds = ["first", "second", "cart"].filter((id) => s.lanes[id]).map((id) => s.lanes[id]);
  let free = 0;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let b = blockOf(s, from); b < s.blocks.length && s.blocks[b].from <= to; b++) {
    const block = s.blocks[b], chosen = block.session_id === s.session;
    const left = toPixel(s, s.x[block.from] - 0.5), right = toPixel(s, s.x[block.to] + 0.5);
    context.fillStyle = s.ink.soft;
    for (const lane of grounds) context.fillRect(left, lane.top, Math.max(1, right - left), lane.height);
    context.fillStyle = chosen ? s.ink.accent : s.ink.line;
    context.fillRect(left, s.lanes.sessions.height - (chosen ? 4 : 2), Math.max(1, right - left - 1), chosen ? 3 : 1.5);
    const start = Math.max(left, free, 2), room = right - start;
    const mark = s.marks[s.events[block.from].visitor_id];
    const dates = [clockTime(block.start, s.language, true), dayText(block.start, s.language)];
    const words = (mark ? [...dates.map((text) => mark + " · " + text), mark] : dates).find((text) => context.measureText(text).width <= Math.max(room, s.width - start < 60 ? 0 : 44));
    if (!words || (left < free && room < 60) || start + context.measureText(words).width > s.width) continue;
    context.fillStyle = chosen ? s.ink.accent : s.ink.muted;
    context.fillText(words, start, 10);
    free = start + context.measureText(words).width + 14;
  }
}

function paintGrid(s, context, lane, shares) {
  context.lineWidth = 1;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const share of shares) {
    const y = Math.round(lane.top + lane.height * (1 - share)) + 0.5;
    context.strokeStyle = s.ink.grid;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(s.width, y);
    context.stroke();
    const words = percent(share, s.language);
    context.fillStyle = s.ink.veil;
    context.fillRect(0, y - 8, context.measureText(words).width + 8, 16);
    context.fillStyle = s.ink.text;
    context.fillText(words, 4, y);
  }
}

// A triangle in the colour of the intent that begins, where the likeliest intent changes and stays.
function paintChanges(s, context, track, from, to) {
  const { top, height } = s.lanes.changes;
  let last = -Infinity;
  for (const { index, after } of track.changes) {
    if (index < from || index > to) continue;
    const x = toPixel(s, s.x[index]);
    context.fillStyle = s.colors[after] || s.ink.muted;
    const crowded = x - last < 12;
    if (crowded) context.fillRect(x - 1, top + 3, 2, 6);
    if (crowded) continue;
    last = x;
    context.beginPath();
    context.moveTo(x - 5.5, top + 3);
    context.lineTo(x + 5.5, top + 3);
    context.lineTo(x, top + height - 1);
    context.closePath();
    context.fill();
  }
}

// Where the two models' likeliest intents differ; of a stretch too dense for bars, the darker the more of it.
function paintApart(s, context, from, to) {
  const { top, height } = s.lanes.apart, wide = s.width / s.view.width;
  context.fillStyle = s.ink.removed;
  const columns = Math.max(1, Math.ceil(2 / wide));
  for (let i = from - (from % columns); i <= to; i += columns) {
    let apart = 0, count = 0;
    for (let j = i; j < Math.min(i + columns, to + 1); j++) { apart += disagrees(s, j) ? 1 : 0; count += 1; }
    if (!apart) continue;
    const left = toPixel(s, s.x[i] - 0.5), right = toPixel(s, s.x[Math.min(i + columns - 1, to)] + 0.5);
    context.globalAlpha = 0.3 + 0.7 * (apart / count);
    context.fillRect(left, top + 4, Math.max(1, right - left - (wide > 6 ? 1 : 0)), height - 8);
  }
  context.globalAlpha = 1;
}

// Clock times where they have room; the day where the clock alone would say nothing.
function paintAxis(s, context, from, to) {
  const y = s.lanes.axis.top + s.lanes.axis.height / 2 + 1;
  context.fillStyle = s.ink.muted;
  context.textBaseline = "middle";
  context.textAlign = "center";
  let free = -Infinity;
  s.ticks = [];
  const coarse = s.width / s.view.width < 1.2;
  for (let i = from; i <= to; i++) {
    const x = toPixel(s, s.x[i]);
    if (x < 24 || x > s.width - 24 || x - 24 < free) continue;
    const words = coarse ? dayText(s.events[i].t, s.language) : clockTime(s.events[i].t, s.language).slice(0, 5);
    context.fillText(words, x, y);
    s.ticks.push(x);
    free = x + 60;
  }
}

// Its own canvas, so that moving the pointer repaints two lines and not every event.
function paintCursor(s) {
  const context = fitCanvas(s, s.parts.cursor, s.width, s.height);
  context.font = `600 12px ${s.ink.font}`;
  paintBrush(s, context);
  for (const [index, color, wide] of [[s.hover, s.ink.text, 1], [s.selected, s.ink.accent, 2]]) {
    if (index < 0 || index >= s.x.length) continue;
    const x = toPixel(s, s.x[index]);
    if (x < -2 || x > s.width + 2) continue;
    context.strokeStyle = color;
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(x, s.lanes.changes.top);
    context.lineTo(x, s.lanes.axis.top);
    context.stroke();
    paintTime(s, context, clockTime(s.events[index].t, s.language), x, color);
  }
}

function paintTime(s, context, words, x, color) {
  const wide = context.measureText(words).width + 10, top = s.lanes.axis.top;
  const left = Math.min(Math.max(x - wide / 2, 0), s.width - wide);
  const [from, to] = timeCovers(s.ticks || [], left, left + wide);
  context.fillStyle = s.ink.back;
  context.fillRect(from, top + 1, to - from, s.lanes.axis.height - 1);
  context.fillStyle = color;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(words, left + 5, top + s.lanes.axis.height / 2 + 1);
}

// What a time from `left` to `right` covers: no neighbour is cut in two, each is hidden whole or not at all.
function timeCovers(ticks, left, right) {
  const half = 26;
  const near = ticks.filter((tick) => tick + half > left && tick - half < right);
  return [Math.min(left, ...near.map((tick) => tick - half)), Math.max(right, ...near.map((tick) => tick + half))];
}

function paintBrush(s, context) {
  if (!s.brush) return;
  const left = toPixel(s, s.x[s.brush[0]] - 0.5), right = toPixel(s, s.x[s.brush[1]] + 0.5);
  const top = s.lanes.changes.top, height = s.lanes.axis.top - top;
  context.fillStyle = s.ink.brush;
  context.fillRect(left, top, right - left, height);
  context.fillStyle = s.ink.accent;
  for (const x of [left - 1, right - 1]) context.fillRect(x, top, 2, height);
}
