// The address holds what is shown: `from` and `to` in epoch milliseconds, scale, models, what stands out, and the
// chosen event or span. It is written once the view rests, without a run of the page's script; the next run reads it.

const VIEW_NAMES = ["from", "to", "scale", "model", "model2", "lit", "session", "event", "until"];

function viewOf(s) {
  const event = s.events[s.brush ? s.brush[0] : s.selected];
  return {
    from: Math.round(momentAt(s, s.view.from)),
    to: Math.round(momentAt(s, s.view.from + s.view.width)),
    scale: s.byTime ? "time" : "",
    model: s.tracks[0] && s.tracks[0].id !== s.champion ? s.tracks[0].id : "",
    model2: s.tracks[1]?.id || "",
    lit: s.lit || "",
    session: event ? event.session_id : s.session || "",
    event: event ? event.event_id : "",
    until: s.brush ? s.events[s.brush[1]].event_id : "",
  };
}

function addressOf(s) {
  const url = new URL(window.location.href), view = viewOf(s);
  for (const name of VIEW_NAMES) {
    if (view[name] === "") url.searchParams.delete(name);
    else url.searchParams.set(name, view[name]);
  }
  url.searchParams.set("visitor", s.visitor);
  return url;
}

function writeAddress(s) {
  if (!s.touched || !s.events.length) return;
  const url = addressOf(s);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

// The view that an address asks for; without from and to, its event, span or session.
function placeView(s, view) {
  const at = (eventId) => (eventId ? s.byId.get(eventId) ?? -1 : -1);
  const [event, until] = [at(view.event), at(view.until)];
  s.brush = event >= 0 && until >= 0 ? [Math.min(event, until), Math.max(event, until)] : null;
  s.selected = s.brush ? -1 : event;
  const block = s.blocks.find((one) => one.session_id === (view.session || s.events[event]?.session_id));
  if (view.from !== null && view.to !== null && view.to > view.from) {
    const [from, to] = [worldAt(s, view.from), worldAt(s, view.to)];
    s.view = { from, width: to - from };
    clampView(s);
  } else if (s.brush) showSpan(s, Math.max(0, s.brush[0] - 2), Math.min(s.events.length - 1, s.brush[1] + 2));
  else if (block) showSpan(s, block.from, block.to);
  else showSpan(s, Math.max(0, s.events.length - Math.max(20, Math.round(s.width / 20))), s.events.length - 1);
  if (s.selected >= 0 && view.from === null) reveal(s, s.selected);
}

// What to ask the server for, so that the view's events are at hand.
function placeAsked(view) {
  if (view.from !== null && view.to !== null) return { at_ms: (view.from + view.to) / 2 };
  if (view.event) return { event_id: view.event };
  return view.session ? { session_id: view.session } : {};
}

async function copyLink(s) {
  s.touched = true;
  writeAddress(s);
  const text = window.location.href;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = el("textarea", { style: { position: "fixed", opacity: "0" } }); // a page without https may not use the clipboard
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  const button = s.parts.tools.querySelector("[data-act=copy]");
  button.textContent = s.texts.copied;
  announce(s, s.texts.copied, true);
  setTimeout(() => { button.textContent = s.texts.copy_link; }, 1800);
}
