// Annotations, events as icons, carts and orders.

const ICON_ROOM = 32;
const LONE_ROOM = 18;
const BADGE_ROOM = 25;
const FLAG_ROOM = 76;
const MARKED = { purchase: "order", add_to_cart: "cart", remove_from_cart: "removed" };
const RANKS = ["purchase", "add_to_cart", "remove_from_cart", "checkout"];

// A session's label is a band over it with its name; a label of an event a diamond, of several in a row a bar.
function paintNotes(s, context, from, to) {
  const { top, height } = s.lanes.notes;
  for (let b = blockOf(s, from); b < s.blocks.length && s.blocks[b].from <= to; b++) {
    const block = s.blocks[b], note = s.sessionNotes.get(block.session_id);
    if (!note) continue;
    const left = toPixel(s, s.x[block.from] - 0.5), right = toPixel(s, s.x[block.to] + 0.5);
    context.fillStyle = s.colors[note.intent] || s.ink.muted;
    context.fillRect(left, top + 3, Math.max(1.5, right - left - 1), 13);
    const name = intentNamed(s, note.intent), start = Math.max(left, 0) + 5;
    context.font = `600 11px ${s.ink.font}`;
    context.fillStyle = s.inkOn[note.intent] || s.ink.back;
    context.textAlign = "left";
    context.textBaseline = "middle";
    if (start + context.measureText(name).width + 4 < Math.min(right, s.width)) context.fillText(name, start, top + 10);
    context.font = `12px ${s.ink.font}`;
  }
  for (const span of s.noteSpans) {
    if (span.to < from || span.from > to) continue;
    paintNoteSpan(s, context, span, top + height - 7);
  }
}

function paintNoteSpan(s, context, span, y) {
  const left = toPixel(s, s.x[span.from]), right = toPixel(s, s.x[span.to]);
  context.fillStyle = s.colors[span.intent] || s.ink.muted;
  context.fillRect(left, y - 2, right - left, 4);
  for (const x of span.from === span.to ? [left] : [left, right]) {
    context.beginPath();
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 6, y);
    context.closePath();
    context.fill();
    context.strokeStyle = s.ink.back;
    context.stroke();
  }
}

// Events that would lie over one another are one icon with their number: that of the weightiest, else of the most.
// Groups are counted from the first event at hand, so that they stay what they are while one pans.
function iconGroups(s) {
  const stamp = [s.view.width, s.width, s.drawing, s.byTime].join();
  if (s.groupStamp === stamp) return s.groups;
  const unit = s.view.width / s.width, last = s.x.length - 1;
  s.groups = [];
  for (let i = 0; i <= last; ) {
    let next = i + 1;
    const alone = next > last || s.x[next] - s.x[i] >= LONE_ROOM * unit; // two icons side by side need no more
    if (!alone) while (next <= last && s.x[next] - s.x[i] < ICON_ROOM * unit) next += 1;
    const group = iconGroup(s, i, next - 1), before = s.groups[s.groups.length - 1];
    if (before) group.x = Math.max(group.x, before.x + (group.count > 1 ? BADGE_ROOM : LONE_ROOM - 1) * unit);
    s.groups.push(group);
    i = next;
  }
  s.groupStamp = stamp;
  return s.groups;
}

function iconGroup(s, from, to) {
  const counts = {};
  for (let i = from; i <= to; i++) counts[s.events[i].type] = (counts[s.events[i].type] || 0) + 1;
  const ranked = RANKS.find((type) => counts[type]);
  const most = ranked || Object.keys(counts).reduce((one, two) => (counts[two] > counts[one] ? two : one));
  return { from, to, type: most, x: (s.x[from] + s.x[to]) / 2, count: to - from + 1 };
}

function paintIcons(s, context, from, to) {
  const { top } = s.lanes.events;
  const groups = iconGroups(s);
  let low = 0, high = groups.length;
  while (low < high) { const middle = (low + high) >> 1; if (groups[middle].to < from) low = middle + 1; else high = middle; }
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let n = low; n < groups.length && groups[n].from <= to; n++) {
    const group = groups[n], x = toPixel(s, group.x), mark = MARKED[group.type];
    const color = mark ? s.ink[mark] : s.ink.muted;
    drawIcon(context, group.type, x, top + 15, mark ? 18 : 15, color);
    if (group.count === 1) continue;
    const words = group.count > 999 ? Math.round(group.count / 1000) + "k" : String(group.count);
    context.font = `600 10px ${s.ink.font}`;
    context.fillStyle = color;
    context.fillText(words, x, top + 34);
  }
  context.font = `12px ${s.ink.font}`;
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

// The cart's value as steps, held until the next event; an order is a flag with its amount.
function paintCart(s, context, from, to) {
  const { top, height } = s.lanes.cart, floor = top + height - 3;
  const y = (value) => floor - (s.mostCart ? (value / s.mostCart) * (height - 22) : 0);
  context.fillStyle = s.ink.cartFill;
  for (const { left, right, value } of cartSteps(s, from, to)) context.fillRect(left, y(value), Math.max(1, right - left), floor - y(value));
  paintOrders(s, context, from, to);
}

// Stretches of one value; of steps within a pixel the highest stands for all.
function cartSteps(s, from, to) {
  const steps = [];
  let last = null;
  for (let i = from; i <= to; i++) {
    const value = s.events[i].cart_value || 0;
    if (!value) { last = null; continue; }
    const same = i < to && s.events[i + 1].session_id === s.events[i].session_id;
    const left = toPixel(s, s.x[i] - 0.5), right = toPixel(s, same ? s.x[i + 1] - 0.5 : s.x[i] + 0.5);
    if (last && (last.value === value || last.right - last.left < 1)) {
      last.right = right;
      last.value = Math.max(last.value, value);
    } else steps.push((last = { left, right, value }));
    if (!same) last = null;
  }
  return steps;
}

// Orders whose flags would lie over one another are one flag with their number and sum.
function orderGroups(s) {
  const stamp = [s.view.width, s.width, s.drawing, s.byTime].join();
  if (s.orderStamp === stamp) return s.orderFlags;
  const room = (FLAG_ROOM * s.view.width) / s.width;
  s.orderFlags = [];
  for (const order of s.orders) {
    const last = s.orderFlags[s.orderFlags.length - 1];
    if (last && s.x[order.index] - s.x[last.orders[0].index] < room) last.orders.push(order);
    else s.orderFlags.push({ orders: [order] });
  }
  s.orderStamp = stamp;
  return s.orderFlags;
}

function flagWords(s, orders) {
  if (orders.length === 1) return orderWords(s, orders[0]);
  const same = orders.every((order) => order.priced && order.currency === orders[0].currency);
  const sum = orders.reduce((total, order) => total + order.amount, 0);
  return "×" + number(orders.length, s.language) + (same ? " " + money(Math.round(sum), orders[0].currency, s.language).replace(/[.,]00$/, "") : "");
}

function paintOrders(s, context, from, to) {
  const { top, height } = s.lanes.cart;
  context.font = `600 11px ${s.ink.font}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const flag of orderGroups(s)) {
    const { orders } = flag, first = orders[0].index, last = orders[orders.length - 1].index;
    if (last < from || first > to) continue;
    const words = (flag.words ??= flagWords(s, orders)); // formatting sums is slow: only of what is seen
    const x = toPixel(s, s.x[first]), wide = context.measureText(words).width + 11;
    context.fillStyle = s.ink.order;
    const thin = orders.length > 3 ? 1 : 2;
    for (const order of orders) context.fillRect(toPixel(s, s.x[order.index]) - thin / 2, top + 2, thin, height - 5);
    const left = x + wide > s.width && x < s.width ? x - wide : x; // turned round at the right edge
    context.fillRect(left, top + 2, wide, 16);
    context.fillStyle = s.ink.onOrder;
    context.fillText(words, left + 5, top + 10.5);
  }
  context.font = `12px ${s.ink.font}`;
}
