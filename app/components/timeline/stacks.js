// The stacked probabilities of one model. Bands are painted from the top of the stack down, each from its upper edge to
// the ground, so that an edge is one line and not two. Where a pixel holds several events it shows their mean.

const DENSE_PX = 2;

function paintStacks(s, context, track, lane, from, to) {
  const stretches = [];
  const dense = s.width / s.view.width < DENSE_PX;
  for (let b = blockOf(s, from); b < s.blocks.length && s.blocks[b].from <= to; b++) {
    const first = Math.max(s.blocks[b].from, from), last = Math.min(s.blocks[b].to, to);
    for (const [start, end] of scoredStretches(track, first, last)) stretches.push(dense ? meanPoints(s, track, start, end) : eventPoints(s, track, start, end));
  }
  const K = s.intents.length, floor = lane.top + lane.height;
  context.save();
  context.beginPath();
  context.rect(0, lane.top, s.width, lane.height);
  context.clip();
  for (let k = K - 1; k >= 0; k--) {
    context.beginPath();
    for (const { xs, heights } of stretches) {
      const count = xs.length;
      context.moveTo(xs[0], floor);
      for (let n = 0; n < count; n++) context.lineTo(xs[n], floor - lane.height * heights[n * K + k]);
      context.lineTo(xs[count - 1], floor);
      context.closePath();
    }
    context.fillStyle = s.lit && s.lit !== s.intents[k].id ? s.faint[k] : s.solid[k];
    context.fill();
    if (dense) continue;
    context.lineWidth = 1;
    context.strokeStyle = s.ink.back;
    context.stroke();
  }
  context.restore();
}

// An event without probabilities leaves a hole.
function scoredStretches(track, first, last) {
  if (track.counts[last + 1] - track.counts[first] === last - first + 1) return [[first, last]];
  const found = [];
  for (let i = first, start = -1; i <= last + 1; i++) {
    const known = i <= last && track.top[i] >= 0;
    if (known && start < 0) start = i;
    if (!known && start >= 0) { found.push([start, i - 1]); start = -1; }
  }
  return found;
}

// Event by event, held flat at both ends and joined in between: xs [n] in pixels, heights [n, K] as shares.
function eventPoints(s, track, first, last) {
  const K = s.intents.length, xs = [], heights = [];
  const put = (x, i) => {
    xs.push(x);
    for (let k = 1; k <= K; k++) heights.push(track.cumulated[i * (K + 1) + k]);
  };
  put(toPixel(s, s.x[first] - 0.5), first);
  for (let i = first; i <= last; i++) put(toPixel(s, s.x[i]), i);
  put(toPixel(s, s.x[last] + 0.5), last);
  return { xs, heights };
}

// Step by step of two pixels, each the mean of its events.
function meanPoints(s, track, first, last) {
  const K = s.intents.length, xs = [], heights = [];
  const end = toPixel(s, s.x[last] + 0.5);
  for (let i = first, left = toPixel(s, s.x[first] - 0.5); i <= last; ) {
    let next = i + 1;
    while (next <= last && toPixel(s, s.x[next]) < left + 2) next += 1;
    const right = next > last ? end : Math.max(toPixel(s, s.x[next] - 0.5), left + 0.5);
    const row = meanRow(K, track, i, next);
    for (const x of [left, right]) { xs.push(x); for (let k = 0; k < K; k++) heights.push(row[k]); }
    left = right;
    i = next;
  }
  return { xs, heights };
}

const meanRows = new Float64Array(256);

function meanRow(K, track, from, to) {
  let sum = 0;
  for (let k = 0; k < K; k++) {
    sum += (track.sums[to * K + k] - track.sums[from * K + k]) / (to - from);
    meanRows[k] = sum;
  }
  return meanRows;
}
