// Ways through the events: to an event, a session, a change of intent, a day; by another scale or model.

function choose(s, index) {
  if (index < 0 || index >= s.events.length) return;
  s.selected = index;
  s.brush = null;
  s.touched = true;
  reveal(s, index);
  drawDetail(s);
  if (s.dateField) s.dateField.value = dayOf(s.events[index].t);
  announce(s, eventWords(s, s.events[index]) + ", " + [clockTime(s.events[index].t, s.language, true), visitorWords(s, s.events[index])].filter(Boolean).join(", ") + ". " + topIntents(s, index, 2).map(({ intent, value }) => intent.name + " " + percent(value, s.language)).join(", "));
  redraw(s);
}

function stepSession(s, by) {
  if (!s.blocks.length) return;
  const index = s.selected >= 0 ? s.selected : shownRange(s)[0];
  const at = blockOf(s, index);
  const block = s.blocks[Math.min(Math.max(at + by, 0), s.blocks.length - 1)];
  showSpan(s, block.from, block.to);
  choose(s, block.from);
}

// To the next change of intent of the first model, seen from the chosen event, else from the middle of the view.
function stepChange(s, by) {
  const changes = s.tracks[0]?.changes || [];
  const here = s.selected >= 0 ? s.selected : nearestEvent(s, s.width / 2);
  const next = by > 0 ? changes.find((one) => one.index > here) : changes.findLast((one) => one.index < here);
  if (next) choose(s, next.index);
  else announce(s, s.texts.no_change, true);
}

async function jumpToDay(s, text) {
  const wanted = Date.parse(text + "T00:00:00Z");
  if (Number.isNaN(wanted) || !s.events.length) return;
  const outside = (wanted < s.events[0].t && s.earlier) || (wanted > s.events[s.events.length - 1].t && s.later);
  if (outside && !(await loadAbout(s, { at_ms: wanted }))) return;
  const index = Math.min(firstFrom(s, wanted), s.events.length - 1);
  const block = s.blocks[blockOf(s, index)];
  showSpan(s, block.from, Math.min(block.to, block.from + 200));
  choose(s, index);
}

function setScale(s, byTime) {
  const [from, to] = shownRange(s);
  s.byTime = byTime;
  layOut(s);
  s.drawing += 1;
  showSpan(s, from, to);
  drawTools(s);
  redraw(s);
}

function chooseModel(s, at, id) {
  if (at === 1 && !id) s.tracks.length = 1;
  else {
    s.tracks[at] = createTrack(id, s.models.find((one) => one.id === id).name);
    if (s.events.length) { layOutTrack(s, s.tracks[at]); loadScores(s, s.tracks[at], 0, s.events.length - 1); }
  }
  s.touched = true;
  layOutLanes(s);
  refresh(s);
}
