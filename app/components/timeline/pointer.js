// Mouse, pen and fingers. Drag pans; with Shift (or the span button) it brushes; two fingers zoom; Ctrl and the wheel
// zoom, the wheel alone only once the timeline has the focus, so that the page still scrolls past it.

function listenToPointers(s) {
  const { stage } = s.parts;
  const at = (event) => event.clientX - s.parts.main.getBoundingClientRect().left;
  s.fingers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    s.fingers.set(event.pointerId, at(event));
    if (s.fingers.size === 2) s.drag = null;
    else s.drag = { x: at(event), from: s.view.from, moved: false, brush: event.shiftKey || s.brushing };
  });
  stage.addEventListener("pointermove", (event) => {
    const x = at(event);
    if (s.fingers.size === 2 && s.fingers.has(event.pointerId)) pinch(s, event.pointerId, x);
    else if (s.drag && event.buttons) drag(s, event, x);
    else if (event.pointerType !== "touch") hover(s, x, event.shiftKey);
    redraw(s);
  });
  stage.addEventListener("pointerup", (event) => {
    if (s.drag && !s.drag.moved) choose(s, nearestEvent(s, at(event)));
    else if (s.drag?.brush) finishBrush(s);
    endDrag(s, event);
  });
  stage.addEventListener("pointercancel", (event) => endDrag(s, event));
  stage.addEventListener("pointerleave", () => { s.hover = -1; s.parts.tip.hidden = true; redraw(s); });
  stage.addEventListener("dblclick", (event) => { zoomAt(s, 1 / 2.5, at(event)); s.touched = true; redraw(s); });
  stage.addEventListener("wheel", (event) => turnWheel(s, event, at(event)), { passive: false });
}

function hover(s, x, shift) {
  s.hover = nearestEvent(s, x);
  s.parts.stage.classList.toggle("shift", shift);
  showTip(s, x);
}

function drag(s, event, x) {
  if (!s.drag.moved && Math.abs(x - s.drag.x) <= 4) return;
  if (!s.drag.moved) {
    s.parts.stage.setPointerCapture(event.pointerId);
    s.parts.stage.classList.toggle("dragging", !s.drag.brush);
  }
  s.drag.moved = true;
  s.touched = true;
  s.parts.tip.hidden = true;
  if (s.drag.brush) s.brush = [nearestEvent(s, Math.min(x, s.drag.x)), nearestEvent(s, Math.max(x, s.drag.x))];
  else {
    s.view.from = s.drag.from - ((x - s.drag.x) / s.width) * s.view.width;
    clampView(s);
  }
}

function finishBrush(s) {
  s.selected = -1;
  if (s.brushing) { s.brushing = false; drawTools(s); }
  setBrush(s, s.brush);
}

function endDrag(s, event) {
  s.fingers.delete(event.pointerId);
  s.drag = null;
  s.parts.stage.classList.remove("dragging");
}

function pinch(s, id, x) {
  const [[one, before], [two, other]] = [...s.fingers].sort(([first]) => (first === id ? -1 : 1));
  const apart = Math.abs(before - other), now = Math.abs(x - other);
  if (apart > 8 && now > 8) zoomAt(s, apart / now, (x + other) / 2);
  panBy(s, (before - x) / 2);
  s.fingers.set(one, x).set(two, other);
  s.touched = true;
}

function turnWheel(s, event, x) {
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
  const focused = s.root.getRootNode().activeElement === s.parts.stage;
  if (sideways) panBy(s, event.deltaX || event.deltaY);
  else if (event.ctrlKey || event.metaKey) zoomAt(s, Math.exp(event.deltaY * 0.004), x);
  else if (focused) zoomAt(s, Math.exp(event.deltaY * 0.0015), x);
  else return;
  event.preventDefault();
  s.touched = true;
  s.parts.tip.hidden = true;
  redraw(s);
}

function listenToOverview(s) {
  const { overview, years } = s.parts;
  const share = (node, event) => { const box = node.getBoundingClientRect(); return (event.clientX - box.left) / box.width; };
  const pan = (event) => {
    if (!event.buttons || !s.events.length) return;
    s.view.from = share(overview, event) * (s.span + 2 * AIR) - AIR - s.view.width / 2;
    s.touched = true;
    clampView(s);
    redraw(s);
  };
  overview.addEventListener("pointerdown", (event) => { overview.setPointerCapture(event.pointerId); pan(event); });
  overview.addEventListener("pointermove", pan);
  years.addEventListener("click", (event) => {
    const bars = event.composedPath().find((node) => node.classList?.contains("bars"));
    if (bars) jumpToDay(s, dayOf(s.years[0] + share(bars, event) * (s.years[1] - s.years[0])));
  });
}
