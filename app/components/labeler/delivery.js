// Delivery: posts the outbox to the server, one request at a time so that operations arrive in their order, and again
// until each is acknowledged. It does not go through Streamlit, where every batch would cost a run of the page's script.

const RETRY_MS = [200, 400, 800, 1600, 3000];
const ANSWER_WITHIN_MS = 15000;
const KEPT_ALIVE_BYTES = 60000; // a browser sends no more than 64 KiB for a page that is closing

function createDelivery() {
  return { busy: false, failures: 0, problem: null, refused: new Map(), notBefore: 0 };
}

// offline: nobody answered; foreign: the page's token is not (or no longer) known; failed: the server could not write.
function problemOf(error) {
  if (!(error instanceof Error) || !error.status) return { state: "offline", message: "" };
  return { state: error.status === 401 || error.status === 403 ? "foreign" : "failed", message: error.message };
}

async function post(s, body, closing) {
  const response = await fetch(s.post.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Page-Token": s.post.token },
    body,
    keepalive: closing,
    priority: "high", // before the pictures
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error ? answer.error.message : response.statusText), { status: response.status });
}

function takeAnswer(s, answer) {
  s.outbox.acknowledge(answer.acknowledged);
  s.progress = answer.progress;
  for (const [id, message] of Object.entries(answer.refused)) s.delivery.refused.set(id, message);
  Object.assign(s.delivery, { failures: 0, problem: null, notBefore: 0 });
}

async function deliver(s, closing = false) {
  const delivery = s.delivery;
  if (delivery.busy || !s.outbox.pending.size || (!closing && Date.now() < delivery.notBefore)) return;
  delivery.busy = true;
  try {
    const body = JSON.stringify({ annotator: s.annotator, operations: s.outbox.batch() });
    takeAnswer(s, await post(s, body, closing && body.length < KEPT_ALIVE_BYTES));
  } catch (error) {
    delivery.problem = problemOf(error);
    const pause = RETRY_MS[Math.min(delivery.failures++, RETRY_MS.length - 1)];
    delivery.notBefore = Date.now() + pause;
    setTimeout(() => deliver(s), pause + 1);
  } finally {
    delivery.busy = false;
  }
  afterFrame(s, () => drawTop(s));
  deliver(s);
}

// The state a person sees: saved, saving, offline, foreign, failed, refused.
function deliveryState(s) {
  if (s.outbox.pending.size) return s.delivery.problem && s.delivery.failures > 1 ? s.delivery.problem.state : "saving";
  return s.delivery.refused.size ? "refused" : "saved";
}
