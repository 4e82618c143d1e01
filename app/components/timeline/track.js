// A track: what one model says of the events at hand. `scores` is {event_id: Float32Array of K}; the rest is laid out
// anew from it whenever the events change.

function createTrack(id, name) {
  return { id, name, scores: new Map(), given: [], pending: 0, error: "", scoredNow: false, ready: false };
}

function takeScores(s, track, answer, scale) {
  const K = s.intents.length;
  answer.event_ids.forEach((eventId, n) => {
    const row = new Float32Array(K);
    for (let k = 0; k < K; k++) row[k] = answer.values[n * K + k] / scale;
    track.scores.set(eventId, row);
  });
  const known = new Set(track.given.map(([eventId]) => eventId));
  track.given.push(...answer.changes.filter(([eventId]) => !known.has(eventId)));
  track.scoredNow ||= answer.scored_now;
}

// cumulated [N, K + 1] and top [N] of each event (-1: not scored); sums [N + 1, K] and counts [N + 1] of all before it,
// by which the mean of any stretch takes no longer than that of two events.
function layOutTrack(s, track) {
  const K = s.intents.length, N = s.events.length;
  track.cumulated = new Float32Array(N * (K + 1));
  track.top = new Int16Array(N).fill(-1);
  track.sums = new Float64Array((N + 1) * K);
  track.counts = new Int32Array(N + 1);
  for (let i = 0; i < N; i++) {
    const row = track.scores.get(s.events[i].event_id);
    track.counts[i + 1] = track.counts[i] + (row ? 1 : 0);
    for (let k = 0; k < K; k++) {
      track.sums[(i + 1) * K + k] = track.sums[i * K + k] + (row ? row[k] : 0);
      if (!row) continue;
      track.cumulated[i * (K + 1) + k + 1] = track.cumulated[i * (K + 1) + k] + row[k];
      if (track.top[i] < 0 || row[k] > row[track.top[i]]) track.top[i] = k;
    }
  }
  track.ready = track.counts[N] > 0;
  track.changes = track.given
    .map(([eventId, before, after]) => ({ index: s.byId.get(eventId) ?? -1, before, after }))
    .filter((one) => one.index >= 0)
    .sort((one, two) => one.index - two.index);
}

// Each intent's mean over the events from..to; null where none of them is scored.
function meanScores(s, track, from, to) {
  const K = s.intents.length, count = track.counts[to + 1] - track.counts[from];
  if (!count) return null;
  return s.intents.map((_, k) => (track.sums[(to + 1) * K + k] - track.sums[from * K + k]) / count);
}

function scoresOf(s, track, index) {
  return track?.scores.get(s.events[index]?.event_id) || null;
}

function disagrees(s, index) {
  const [one, two] = s.tracks;
  return !!two && one.top?.[index] >= 0 && two.top?.[index] >= 0 && one.top[index] !== two.top[index];
}
