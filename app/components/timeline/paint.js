// Draws the lanes on the canvas: sessions, stacked intent probabilities, annotations, event icons, cart and orders.

const ICON_ROOM = 17;
const TALL = { head: 22, chart: 190, notes: 16, icons: 34, axis: 18 };
const HEIGHT = TALL.head + TALL.chart + TALL.notes + TALL.icons + TALL.axis;
const STRIP = 34;
const MARKED = { add_to_cart: "cart", purchase: "order", remove_from_cart: "removed" };

function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
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
  const context = fitCanvas(s.parts.main, s.width, HEIGHT);
  context.font = `12px ${s.ink.font}`;
  const [from, to] = visibleRange(s);
  for (const block of s.blocks) if (block.to >= from && block.from <= to) paintBlock(s, context, block);
  if (s.probabilities) {
    paintStacks(s, context, from, to);
    paintGrid(s, context);
  }
  paintNotes(s, context, from, to);
  paintIcons(s, context, from, to);
}

function paintBlock(s, context, block) {
  const left = toPixel(s, s.x[block.from] - 0.5);
  const right = toPixel(s, s.x[block.to] + 0.5);
  const top = TALL.head;
  context.fillStyle = s.ink.soft;
  context.fillRect(left, top, right - left, TALL.chart);
  const seen = Math.min(right, s.width) - Math.max(left, 0);
  if (seen < 40) return;
  context.save();
  context.beginPath();
  context.rect(Math.max(left, 0), 0, seen + Math.min(40, s.pixelGap), TALL.head);
  context.clip();
  context.fillStyle = block.session_id === s.session ? s.ink.accent : s.ink.muted;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const words = seen > 150 ? clockTime(block.start, s.language, true) : dayText(block.start, s.language);
  context.fillText(words, Math.max(left, 2), TALL.head / 2);
  context.restore();
  if (block.session_id === s.session) {
    context.fillStyle = s.ink.accent;
    context.fillRect(left, top - 3, right - left, 3);
  }
}

// One band an intent, all sessions in one path; held flat at the ends of a session, joined in between.
function paintStacks(s, context, from, to) {
  const K = s.intents.length;
  const stride = Math.max(1, Math.floor((to - from) / (s.width * 1.5)));
  const y = (share) => TALL.head + TALL.chart * (1 - share);
  for (let k = 0; k < K; k++) {
    context.beginPath();
    for (const block of s.blocks) {
      if (block.to < from || block.from > to) continue;
      const [first, last] = [Math.max(block.from, from), Math.min(block.to, to)];
      const places = [];
      for (let i = first; i < last; i += stride) places.push(i);
      places.push(last);
      const low = (i) => y(s.cumulated[i * (K + 1) + k]);
      const high = (i) => y(s.cumulated[i * (K + 1) + k + 1]);
      const left = toPixel(s, s.x[first] - 0.5);
      const right = toPixel(s, s.x[last] + 0.5);
      context.moveTo(left, high(first));
      for (const i of places) context.lineTo(toPixel(s, s.x[i]), high(i));
      context.lineTo(right, high(last));
      context.lineTo(right, low(last));
      for (const i of places.reverse()) context.lineTo(toPixel(s, s.x[i]), low(i));
      context.lineTo(left, low(first));
      context.closePath();
    }
    context.globalAlpha = s.lit && s.lit !== s.intents[k].id ? 0.18 : 0.88;
    context.fillStyle = s.colors[s.intents[k].id];
    context.fill();
    context.globalAlpha = 1;
    if (s.pixelGap < 8) continue; // too dense for seams between the bands
    context.lineWidth = 1;
    context.strokeStyle = s.ink.back;
    context.stroke();
  }
}

function paintGrid(s, context) {
  context.lineWidth = 1;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const share of [0.25, 0.5, 0.75]) {
    const y = Math.round(TALL.head + TALL.chart * (1 - share)) + 0.5;
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

// Annotations: a bar over the whole session, a diamond for one event.
function paintNotes(s, context, from, to) {
  const y = TALL.head + TALL.chart + TALL.notes / 2 + 1;
  for (const block of s.blocks) {
    const intent = s.sessionNotes.get(block.session_id);
    if (!intent || block.to < from || block.from > to) continue;
    context.fillStyle = s.colors[intent] || s.ink.muted;
    const left = toPixel(s, s.x[block.from] - 0.5);
    context.fillRect(left, y - 2, toPixel(s, s.x[block.to] + 0.5) - left, 4);
  }
  for (let i = from; i <= to; i++) {
    const intent = s.eventNotes.get(s.events[i].event_id);
    if (!intent) continue;
    const x = toPixel(s, s.x[i]);
    context.beginPath();
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 6, y);
    context.closePath();
    context.fillStyle = s.colors[intent] || s.ink.muted;
    context.fill();
    context.strokeStyle = s.ink.back;
    context.stroke();
  }
}

function paintIcons(s, context, from, to) {
  const y = TALL.head + TALL.chart + TALL.notes + TALL.icons / 2;
  const room = s.pixelGap;
  const shown = chosenIcons(s, from, to);
  let last = -Infinity;
  for (let i = from; i <= to; i++) {
    const x = toPixel(s, s.x[i]);
    const mark = MARKED[s.events[i].type];
    const color = mark ? s.ink[mark] : s.ink.muted;
    if (shown.has(i)) {
      drawIcon(context, s.events[i].type, x, y, mark ? 18 : 15, color);
    } else if (x - last > 1 || room > 1) {
      context.fillStyle = color;
      context.fillRect(x - 0.5, y + 11, 1, 4);
    }
    last = x;
    if (mark === "order" && room > 4) paintOrder(s, context, x);
  }
}

// Which events get an icon where not all have room: orders, then carts, then all else, none over another.
function chosenIcons(s, from, to) {
  const taken = new Map(), shown = new Set();
  for (const rank of ["order", "cart", "removed", undefined])
    for (let i = from; i <= to; i++) {
      if (MARKED[s.events[i].type] !== rank) continue;
      const x = toPixel(s, s.x[i]), place = Math.floor(x / ICON_ROOM);
      if ([place - 1, place, place + 1].some((near) => Math.abs((taken.get(near) ?? Infinity) - x) < ICON_ROOM)) continue;
      taken.set(place, x);
      shown.add(i);
    }
  return shown;
}

function drawIcon(context, type, x, y, size, color) {
  context.save();
  context.translate(x - size / 2, y - size / 2);
  context.scale(size / 24, size / 24);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.stroke(iconPath(type));
  context.restore();
}

function paintOrder(s, context, x) {
  context.strokeStyle = s.ink.order;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, TALL.head);
  context.lineTo(x, TALL.head + TALL.chart);
  context.stroke();
  context.setLineDash([]);
}

// Its own canvas, so that moving the pointer repaints two lines and not every event.
function paintCursor(s) {
  const context = fitCanvas(s.parts.cursor, s.width, HEIGHT);
  context.font = `12px ${s.ink.font}`;
  for (const [index, color, wide] of [[s.hover, s.ink.text, 1], [s.selected, s.ink.accent, 2]]) {
    if (index < 0 || index >= s.x.length) continue;
    const x = toPixel(s, s.x[index]);
    if (x < -2 || x > s.width + 2) continue;
    context.strokeStyle = color;
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(x, TALL.head);
    context.lineTo(x, HEIGHT - TALL.axis);
    context.stroke();
    context.fillStyle = color;
    context.textAlign = x > s.width - 60 ? "right" : x < 60 ? "left" : "center";
    context.textBaseline = "bottom";
    context.fillText(clockTime(s.events[index].t, s.language), x, HEIGHT - 2);
  }
}

function paintStripBase(s) {
  const context = fitCanvas(s.parts.strip, s.width, STRIP);
  const place = (x) => ((x + 0.7) / (s.span + 1.4)) * s.width;
  for (const block of s.blocks) {
    const left = place(s.x[block.from] - 0.5);
    context.fillStyle = s.ink.line;
    context.fillRect(left, 6, Math.max(1.5, place(s.x[block.to] + 0.5) - left), STRIP - 12);
  }
  for (let i = 0; i < s.x.length; i++) {
    if (!s.probabilities?.[i]) continue;
    const left = place(s.x[i] - 0.5);
    context.fillStyle = s.colors[s.intents[s.top[i]].id];
    context.fillRect(left, 9, Math.max(1, place(s.x[i] + 0.5) - left), STRIP - 18);
  }
}

// The whole stream is drawn once; the frame around the part in view is an element above it.
function paintStrip(s) {
  const stamp = [s.width, s.drawing, s.byTime].join();
  if (stamp !== s.stripStamp) paintStripBase(s);
  s.stripStamp = stamp;
  const share = (x) => ((x + 0.7) / (s.span + 1.4)) * 100;
  s.parts.window.style.left = Math.max(0, share(s.view.from)) + "%";
  s.parts.window.style.width = Math.max(0.5, (s.view.width / (s.span + 1.4)) * 100) + "%";
}
