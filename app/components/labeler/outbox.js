// The outbox: every operation (a label given, or one taken back) stays here, and in the browser's storage, until the
// server says it is durable. One storage key an operation, so that two tabs never overwrite each other; sending one
// twice is harmless, because the server knows it by its client_id.

const OUTBOX_PREFIX = "intentlens.operation.";
const RESEND_AFTER_MS = 2500;

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, "0")).join("");
}

function createOutbox(annotator) {
  const box = { pending: new Map(), sentAt: 0, flying: false, count: 0, stored: true };
  const mine = (operation) => operation && operation.client_id && operation.annotator === annotator;
  try {
    for (let at = 0; at < localStorage.length; at++) {
      const key = localStorage.key(at);
      if (!key.startsWith(OUTBOX_PREFIX)) continue;
      const operation = JSON.parse(localStorage.getItem(key));
      if (mine(operation)) box.pending.set(operation.client_id, operation);
    }
  } catch {
    box.stored = false; // storage refused (private window, full): operations live in memory only
  }

  box.add = (operation) => {
    const full = { ...operation, client_id: newId(), annotator, sequence: Date.now() * 1000 + (box.count++ % 1000) };
    box.pending.set(full.client_id, full);
    try {
      localStorage.setItem(OUTBOX_PREFIX + full.client_id, JSON.stringify(full));
    } catch {
      box.stored = false;
    }
    return full.client_id;
  };
  box.acknowledge = (ids) => {
    for (const id of ids) {
      if (!box.pending.delete(id)) continue;
      try {
        localStorage.removeItem(OUTBOX_PREFIX + id);
      } catch {
        box.stored = false;
      }
    }
  };
  box.operations = () => [...box.pending.values()].sort((one, two) => one.sequence - two.sequence).slice(0, 500);
  return box;
}
