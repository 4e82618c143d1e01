// The row of buttons above the lanes, the legend, and what there is to say while something is loaded.

function tool(s, content, title, work, attributes) {
  return el("button", { title, "aria-label": title, ...attributes, onclick: () => { work(); s.touched = true; redraw(s); } }, content);
}

function dayOf(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

function drawTools(s) {
  const group = (label, ...nodes) => el("span", { class: "group", role: "group", "aria-label": label }, nodes);
  const caption = (words) => el("span", { class: "caption", "aria-hidden": "true" }, words);
  const toggle = (text, title, on, work) => tool(s, text, title, work, { "aria-pressed": String(on), class: on ? "on" : "" });
  const middle = () => (s.selected < 0 ? s.width / 2 : Math.min(Math.max(toPixel(s, s.x[s.selected]), 0), s.width));
  const days = s.days.length ? { min: s.days[0][0], max: s.days[s.days.length - 1][0] } : {};
  s.dateField = el("input", { type: "date", ...days, value: shownDay(s), onchange: (event) => jumpToDay(s, event.target.value) });
  s.parts.tools.replaceChildren(...[
    group(s.texts.sessions, caption(s.texts.sessions), tool(s, "‹", s.texts.previous_session, () => stepSession(s, -1)), tool(s, "›", s.texts.next_session, () => stepSession(s, 1))),
    group(s.texts.changes, caption(s.texts.changes), tool(s, "‹", s.texts.previous_change, () => stepChange(s, -1)), tool(s, "›", s.texts.next_change, () => stepChange(s, 1))),
    group(s.texts.zoom, tool(s, "−", s.texts.zoom_out, () => zoomAt(s, 1.6, middle())), tool(s, "+", s.texts.zoom_in, () => zoomAt(s, 1 / 1.6, middle())), tool(s, s.texts.whole, s.texts.whole_help, () => showSpan(s, 0, s.events.length - 1))),
    group(s.texts.scale, [["event", false], ["time", true]].map(([name, byTime]) => toggle(s.texts["by_" + name], s.texts["by_" + name], s.byTime === byTime, () => setScale(s, byTime)))),
    group(s.texts.span, toggle(s.texts.select_span, s.texts.select_span_help, s.brushing, () => { s.brushing = !s.brushing; drawTools(s); })),
    el("label", { class: "field" }, s.texts.jump, s.dateField),
    modelFields(s),
    el("span", { class: "end" },
      tool(s, s.texts.copy_link, s.texts.copy_link_help, () => copyLink(s), { "data-act": "copy" }),
      tool(s, "PNG", s.texts.png, () => downloadPng(s), { disabled: !s.events.length }),
      tool(s, "CSV", s.texts.csv, () => downloadCsv(s, ...shownRange(s)), { disabled: !s.events.length }),
      toggle(s.texts.table, s.texts.table_help, s.tabled, () => { s.tabled = !s.tabled; drawTools(s); drawTable(s); }),
      toggle("?", s.texts.keys_title, s.helping, () => { s.helping = !s.helping; drawTools(s); })),
    s.helping ? el("div", { class: "help" }, s.texts.keys.split("|").map((line) => el("span", {}, line.trim()))) : null,
  ].flat().filter(Boolean));
  s.parts.stage.classList.toggle("brushing", s.brushing);
}

function shownDay(s) {
  if (!s.events.length) return "";
  return dayOf(s.events[s.selected >= 0 ? s.selected : shownRange(s)[0]].t);
}

function modelFields(s) {
  if (s.models.length < 2) return null;
  const chosen = (at) => s.tracks[at]?.id || "";
  const option = (id, name, at) => el("option", { value: id, selected: chosen(at) === id }, name);
  const field = (at, name, options) => el("label", { class: "field" }, name, el("select", { onchange: (event) => chooseModel(s, at, event.target.value) }, options));
  const named = (at, models) => models.map((one) => option(one.id, one.name, at));
  return [
    field(0, s.texts.model, named(0, s.models.filter((one) => one.id !== chosen(1)))),
    field(1, s.texts.compare, [option("", s.texts.compare_none, 1), ...named(1, s.models.filter((one) => one.id !== chosen(0)))]),
  ];
}

function drawLegend(s) {
  const swatch = (intent) => el("button", { class: s.lit === intent.id ? "on" : "", "aria-pressed": String(s.lit === intent.id), title: s.texts.highlight, onclick: () => {
    s.lit = s.lit === intent.id ? null : intent.id;
    s.touched = true;
    drawLegend(s);
    redraw(s);
  } }, el("i", { style: { background: `var(--intent-${intent.id})` } }), intent.name);
  s.parts.legend.replaceChildren(...(s.tracks.length ? s.intents.map(swatch) : [el("span", { class: "muted" }, s.texts.no_model)]),
    el("span", { class: "muted key" }, el("span", {}, "▼ ", s.texts.change), el("span", {}, "◆ ", s.texts.annotation),
      s.tracks.length > 1 ? el("span", { class: "apart" }, "▬ ", s.texts.apart) : null));
}

// What is loading, what went wrong and how to try again; the lanes stay as they are meanwhile.
function drawState(s) {
  const failed = s.error || s.tracks.find((track) => track.error)?.error || "";
  s.parts.said.classList.toggle("bad", !!failed);
  const retry = el("button", { onclick: () => retryLoading(s) }, s.texts.retry);
  s.parts.said.replaceChildren(...(failed ? [say(s.texts.failed, { error: failed }), " ", retry] : s.events.length ? [shownWords(s)] : []));
  const waiting = s.loading === "first" ? s.texts.events_loading : s.loading ? s.texts.more_loading : s.tracks.some((track) => track.pending) ? s.texts.scores_loading : "";
  s.parts.veil.hidden = !waiting;
  s.parts.veil.replaceChildren(...(waiting ? [el("span", {}, waiting)] : []));
  s.root.toggleAttribute("data-busy", !!waiting);
}

function shownWords(s) {
  const scored = s.tracks.filter((track) => track.ready).map((track) => say(track.scoredNow ? s.texts.scored_now : s.texts.scored_before, { model: track.name }));
  const part = s.events.length < s.total ? say(s.texts.part_loaded, { n: number(s.events.length, s.language), total: number(s.total, s.language) }) : "";
  return [part, ...scored].filter(Boolean).join(" ");
}

function retryLoading(s) {
  s.tracks.forEach((track) => { track.error = ""; });
  if (s.error || !s.events.length) start(s);
  else s.tracks.forEach((track) => loadScores(s, track, 0, s.events.length - 1));
}
