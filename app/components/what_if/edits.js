// The list of edits as values: each function returns a new list. The server applies them; this only writes them down.
// ["r", event] removed · ["i", event, after, gap_s, values] inserted · ["m", event, by] moved · ["c", event, values] changed

function isRemoved(edits, id) {
  return edits.some((edit) => edit[0] === "r" && edit[1] === id);
}

function removed(edits, id) {
  const inserted = edits.some((edit) => edit[0] === "i" && edit[1] === id);
  const leanedOn = edits.some((edit) => edit[0] === "i" && edit[2] === id);
  if (inserted && !leanedOn) return edits.filter((edit) => edit[1] !== id);
  return [...edits, ["r", id]];
}

function putBack(edits, id) {
  return edits.filter((edit) => !(edit[0] === "r" && edit[1] === id));
}

// Several steps of one event in one direction become one move.
function moved(edits, id, by) {
  const last = edits[edits.length - 1];
  if (last && last[0] === "m" && last[1] === id) {
    const sum = last[2] + by;
    return sum ? [...edits.slice(0, -1), ["m", id, sum]] : edits.slice(0, -1);
  }
  return [...edits, ["m", id, by]];
}

function changedValues(edits, id, values) {
  const last = edits[edits.length - 1];
  if (last && last[1] === id && last[0] === "c") return [...edits.slice(0, -1), ["c", id, { ...last[2], ...values }]];
  return [...edits, ["c", id, values]];
}

function inserted(edits, after, gapSeconds, values) {
  const taken = new Set(edits.filter((edit) => edit[0] === "i").map((edit) => edit[1]));
  let number = 1;
  while (taken.has("new" + number)) number += 1;
  return [...edits, ["i", "new" + number, after, gapSeconds, values]];
}
