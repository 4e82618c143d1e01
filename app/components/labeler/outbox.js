// The outbox: every operation (a label given, or one taken back) stays here, and in the browser's storage, until the
// server says it is durable. One storage key an operation, so that two tabs never overwrite each other; sending one
// twice is harmless, because the server knows it by its client_id.

const OUTBOX_PREFIX = "intentlens.operation.";
const BATCH = 500;
const ORPHAN_AFTER_MS = 5000;

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, "0")).join("");
}

// What this annotator left in the storage, in another tab or before a reload.
function storedOperations(annotator) {
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
  return keys.filter((key) => key && key.startsWith(OUTBOX_PREFIX)).flatMap((key) => {
    try {
      const operation = JSON.parse(localStorage.getItem(key));
      return operation && operation.client_id && operation.annotator === annotator ? [operation] : [];
    } catch {
      return []; // not ours, or damaged: left as it is
    }
  });
}

function createOutbox(annotator) {
  const box = { pending: new Map(), last: 0 };
  const storage = (work) => {
    try {
      return work();
    } catch {
      return undefined; // storage refused (private window, full): operations live in memory only
    }
  };

  // Takes over operations older than `age` ms that no tab has brought home.
  box.adopt = (age) => storage(() => {
    for (const operation of storedOperations(annotator)) {
      if (Date.now() - operation.made_at >= age) box.pending.set(operation.client_id, operation);
    }
  });
  box.add = (operation) => {
    box.last = Math.max(box.last + 1, Date.now() * 1000); // a clock set back does not change the order
    const full = { ...operation, client_id: newId(), annotator, sequence: box.last, made_at: Date.now() };
    box.pending.set(full.client_id, full);
    storage(() => localStorage.setItem(OUTBOX_PREFIX + full.client_id, JSON.stringify(full)));
    return full.client_id;
  };
  box.acknowledge = (ids) => {
    for (const id of ids) {
      box.pending.delete(id);
      storage(() => localStorage.removeItem(OUTBOX_PREFIX + id));
    }
  };
  box.inOrder = () => [...box.pending.values()].sort((one, two) => one.sequence - two.sequence);
  box.batch = () => box.inOrder().slice(0, BATCH).map((operation) => ({ ...operation, waited_ms: Date.now() - operation.made_at }));
  box.adopt(0);
  for (const operation of box.pending.values()) box.last = Math.max(box.last, operation.sequence);
  return box;
}
