// Below the lanes: the chosen event, or the span that was brushed, and what can be done with it.

function link(s, page, query, text, className) {
  const href = s.links[page] + "?" + new URLSearchParams(query);
  return el("a", { href, class: className || "button", "data-page": page, onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    s.send("go", { page, query });
  } }, text);
}

function drawDetail(s) {
  s.parts.detail.classList.toggle("span", !!s.brush);
  if (s.brush) drawSpan(s);
  else if (s.events[s.selected]) drawEvent(s);
  else s.parts.detail.replaceChildren(el("span", { class: "muted hint" }, s.events.length ? s.texts.choose_event : ""));
}

function explainQuery(s, event, intent) {
  const query = { session: event.session_id, event: event.event_id, intent };
  return s.tracks[0].id === s.champion ? query : { ...query, model: s.tracks[0].id };
}

function drawEvent(s) {
  const event = s.events[s.selected];
  const best = topIntents(s, s.selected, 1)[0];
  const facts = [visitorWords(s, event), event.category, event.brand, priceWords(s, event)].filter(Boolean).join(" · ");
  s.parts.detail.replaceChildren(
    el("div", { class: "about" },
      event.image ? el("img", { src: event.image, alt: "", width: 52, height: 52, onerror: (error) => error.target.remove() }) : null,
      el("div", {}, el("b", {}, icon(event.type, 16), " ", eventWords(s, event)),
        el("div", { class: "muted num" }, [clockTime(event.t, s.language, true) + " UTC", gapWords(s, s.selected)].filter(Boolean).join(" · ")),
        facts ? el("div", { class: "muted" }, facts) : null,
        changeAt(s, s.selected) ? el("div", {}, changeAt(s, s.selected)) : null,
        notesAt(s, event).map((note) => el("div", {}, noteWords(s, note))))),
    el("div", { class: "shares" }, intentLines(s, s.selected, s.intents.length)),
    el("div", { class: "acts" },
      best ? link(s, "explain", explainQuery(s, event, best.intent.id), say(s.texts.explain_event, { name: best.intent.name }), "button main") : null,
      link(s, "label", { session: event.session_id, event: event.event_id }, s.texts.label_event),
      link(s, "label", { session: event.session_id }, s.texts.label_session)));
}

// The parts of a span, a session each: {session_id, from, to}.
function spanParts(s, [from, to]) {
  return s.blocks
    .filter((block) => block.to >= from && block.from <= to)
    .map((block) => ({ session_id: block.session_id, from: Math.max(block.from, from), to: Math.min(block.to, to) }));
}

function labelQuery(s, part) {
  const first = s.events[part.from].event_id;
  return { session: part.session_id, event: first, ...(part.to > part.from ? { until: s.events[part.to].event_id } : {}) };
}

function spanShares(s, track, [from, to]) {
  const means = meanScores(s, track, from, to);
  if (!means) return [el("div", { class: "muted" }, track.pending ? s.texts.scores_loading : s.texts.no_scores)];
  const [first, last] = [scoresOf(s, track, from), scoresOf(s, track, to)];
  const rows = means.map((value, k) => ({ intent: s.intents[k], value, change: first && last ? last[k] - first[k] : null }));
  return rows.sort((one, two) => two.value - one.value).map(({ intent, value, change }) => shareLine(s, intent, value, change));
}

function apartWords(s, [from, to]) {
  if (!s.tracks[1]?.ready) return "";
  let count = 0;
  for (let i = from; i <= to; i++) count += disagrees(s, i) ? 1 : 0;
  return say(s.texts.span_apart, { n: number(count, s.language), total: number(to - from + 1, s.language) });
}

function spanFacts(s, [from, to]) {
  const parts = spanParts(s, [from, to]), orders = s.orders.filter((order) => order.index >= from && order.index <= to);
  const changes = s.tracks[0]?.changes?.filter((one) => one.index > from && one.index <= to).length || 0;
  return [
    say(s.texts.span_size, { events: number(to - from + 1, s.language), sessions: number(parts.length, s.language), time: duration(s.events[to].t - s.events[from].t, s.language) }),
    orders.length ? say(s.texts.span_orders, { n: number(orders.length, s.language) }) : "",
    changes ? say(s.texts.span_changes, { n: number(changes, s.language) }) : "",
    apartWords(s, [from, to]),
  ].filter(Boolean);
}

function drawSpan(s) {
  const [from, to] = s.brush, parts = spanParts(s, s.brush), best = topIntents(s, to, 1)[0];
  const act = (text, work) => el("button", { onclick: work }, text);
  const labels = parts.slice(0, 3).map((part) => link(s, "label", labelQuery(s, part),
    parts.length === 1 ? s.texts.label_span : say(s.texts.label_part, { day: clockTime(s.events[part.from].t, s.language, true) }), parts.length === 1 ? "button main" : "button"));
  s.parts.detail.replaceChildren(
    el("div", { class: "about" }, el("div", {},
      el("b", {}, s.texts.span), " ", el("span", { class: "num" }, clockTime(s.events[from].t, s.language, true) + " – " + clockTime(s.events[to].t, s.language, true)),
      spanFacts(s, s.brush).map((words) => el("div", { class: "muted" }, words)))),
    el("div", { class: "shares" }, el("div", { class: "muted" }, s.texts.span_means), spanShares(s, s.tracks[0] || createTrack("", ""), s.brush)),
    el("div", { class: "acts" },
      labels,
      best ? link(s, "explain", explainQuery(s, s.events[to], best.intent.id), say(s.texts.explain_last, { name: best.intent.name })) : null,
      el("div", { class: "pair" },
        act(s.texts.zoom_span, () => { showSpan(s, from, to); s.touched = true; redraw(s); }),
        act("CSV", () => downloadCsv(s, from, to)),
        act(s.texts.clear_span, () => setBrush(s, null)))));
}

function setBrush(s, brush) {
  s.brush = brush && [Math.min(...brush), Math.max(...brush)];
  drawDetail(s);
  announce(s, s.brush ? spanFacts(s, s.brush).join(", ") : "");
  redraw(s);
}
