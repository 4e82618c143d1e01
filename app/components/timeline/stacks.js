// The stacked probabilities of one model. Where events have room each is a point of the bands' edges; where they have
// not, the lane is made pixel by pixel, each column the mean of its events: paths of thousands of edges take the
// browser many frames to fill, a picture takes it none.

const DENSE_PX = 3;

function paintStacks(s, context, track, lane, from, to) {
  if (s.width / s.view.width < DENSE_PX) paintColumns(s, context, track, lane, from, to);
  else paintBands(s, context, track, lane, from, to);
}

// Bands from the top of the stack down, each from its upper edge to the ground, so that an edge is one line, not two.
function paintBands(s, context, track, lane, from, to) {
  const stretches = [];
  for (let b = blockOf(s, from); b < s.blocks.length && s.blocks[b].from <= to; b++) {
    const first = Math.max(s.blocks[b].from, from), last = Math.min(s.blocks[b].to, to);
    for (const [start, end] of scoredStretches(track, first, last)) stretches.push(eventPoints(s, track, start, end));
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

function paintColumns(s, context, track, lane, from, to) {
  const width = Math.ceil(s.width), height = lane.height;
  const canvas = (track.picture ??= document.createElement("canvas"));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const inner = canvas.getContext("2d");
  const image = inner.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  const inks = s.intents.map((intent, k) => (s.lit && s.lit !== intent.id ? s.faintPixel[k] : s.solidPixel[k]));
  for (let b = blockOf(s, from); b < s.blocks.length && s.blocks[b].from <= to; b++) {
    const block = s.blocks[b], left = Math.max(0, Math.round(toPixel(s, s.x[block.from] - 0.5)));
    const right = Math.min(width, Math.max(left + 1, Math.round(toPixel(s, s.x[block.to] + 0.5))));
    for (let column = left, i = Math.max(block.from, from); column < right; column++) {
      const end = toWorld(s, column + 1);
      let next = i;
      while (next <= block.to && s.x[next] < end) next += 1;
      const start = next > i ? i : Math.max(block.from, i - 1); // a column between two events goes on with the first
      paintColumn(track, start, Math.max(next, start + 1), inks, pixels, column, width, height);
      i = next;
    }
  }
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, lane.top, width, height);
}

// The mean of the events [from, to) as one column of pixels, the first intent at the ground; nothing where none is scored.
function paintColumn(track, from, to, inks, pixels, column, width, height) {
  const K = inks.length, count = track.counts[to] - track.counts[from];
  if (!count) return;
  let sum = 0;
  for (let k = 0, floor = height; k < K; k++) {
    sum += (track.sums[to * K + k] - track.sums[from * K + k]) / count;
    const top = k === K - 1 ? 0 : Math.max(0, Math.round(height * (1 - sum)));
    for (let row = top; row < floor; row++) pixels[row * width + column] = inks[k];
    floor = Math.min(floor, top);
  }
}
