// The lanes from top to bottom. `top` and `height` are in pixels; `name` stands beside the lane where there is room.

const STRIP = 34;
const GUTTER = 104;

function layOutLanes(s) {
  const two = s.tracks.length > 1;
  const wanted = [
    ["sessions", 24, s.texts.lane_sessions],
    ["changes", 15, s.texts.lane_changes],
    ["first", two ? 132 : 172, s.tracks[0]?.name || s.texts.lane_intents],
    ...(two ? [["apart", 14, s.texts.lane_apart], ["second", 92, s.tracks[1].name]] : []),
    ["notes", 30, s.texts.lane_notes],
    ["events", 44, s.texts.lane_events],
    ["cart", 46, s.texts.lane_cart],
    ["axis", 20, ""],
  ];
  s.lanes = {};
  let top = 0;
  for (const [id, height, name] of wanted) {
    s.lanes[id] = { id, top, height, name };
    top += height;
  }
  s.height = top;
}

function laneAt(s, y) {
  return Object.values(s.lanes).find((lane) => y >= lane.top && y < lane.top + lane.height)?.id || "";
}

// The names beside the lanes, as text of the page.
function drawLaneNames(s) {
  const named = Object.values(s.lanes).filter((lane) => lane.name && lane.id !== "axis");
  s.parts.names.replaceChildren(...named.map((lane) =>
    el("div", { class: "lane " + lane.id, title: lane.name, style: { top: lane.top + "px", height: lane.height + "px" } }, el("span", {}, lane.name))));
  s.parts.stage.style.setProperty("--tall", s.height + "px");
}
