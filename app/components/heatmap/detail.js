// Below the table: the cell in full, every column of its field in its unit, and where to go from here.

function drawDetail(s, [t, f]) {
  const row = s.rows[t];
  const value = s.values[t][f];
  const details = (row.details || [])[f] || [];
  const total = s.fields.length < 2 ? "" : ["· ", el("span", { class: "muted" }, say(s.texts.of_event, { points: points(s, s.rowTotals[t]) }))];
  const share = s.kind === "curiosity" ? "" : el("span", { class: "muted" }, say(s.texts.share, { share: percent(s.whole ? Math.abs(value) / s.whole : 0, s.language, 1) }), " ");
  s.parts.detail.replaceChildren(
    el("div", { class: "head" },
      el("b", {}, s.fields[f].name), ": ", el("span", { class: "shown" }, row.cells[f] || s.texts.nothing), " · ",
      el("span", {}, s.types[row.type] || row.type, " ", el("span", { class: "num" }, clockTime(row.t, s.language))), " · ",
      el("b", { class: "num " + (value < 0 ? "minus" : "plus") }, points(s, value)), " ", s.texts.points, " ",
      share, total),
    details.length ? el("dl", {}, details.map(([name, text]) => el("div", {}, el("dt", { class: "muted" }, name), el("dd", { class: "num" }, text)))) : "",
    el("div", { class: "muted" }, s.fields[f].help),
    el("div", { class: "acts" },
      s.can_look ? el("button", { "data-act": "look", disabled: row.event_id === s.looked_at, onclick: () => look(s, t) }, s.texts.look) : "",
      s.can_go ? el("button", { "data-act": "go", onclick: () => s.go({ page: "visitor", query: { visitor: s.visitor, session: row.session_id, event: row.event_id } }) }, s.texts.in_timeline) : ""));
}

function look(s, t) {
  if (!s.can_look) return;
  s.looked_at = s.rows[t].event_id;
  s.tell(s.looked_at);
  draw(s);
}
