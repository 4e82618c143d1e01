// What the visitor did before, in a drawer beside the card: their earlier sessions in short, with your labels.

function earlierRow(s, one) {
  const now = labelAt(s, one.session_id, null);
  const label = now || (one.status ? { intent: one.intent, status: one.status } : null);
  return el("li", {},
    el("span", { class: "num" }, clockTime(one.started_at, s.language, true) + " UTC"),
    el("span", { class: "muted num" }, say(s.texts.events_labelled, { n: number(one.events, s.language) })),
    el("span", { class: "marks" },
      one.has_purchase ? el("span", { class: "type-purchase", title: s.texts.total_revenue }, el("span", { class: "ico" }, icon("purchase", 16)))
        : one.has_cart ? el("span", { class: "type-add_to_cart", title: s.types.add_to_cart }, el("span", { class: "ico" }, icon("add_to_cart", 16))) : null),
    el("span", { class: "query" }, one.query ? "“" + one.query + "”" : ""),
    labelChip(s, label) || el("span", { class: "muted" }, s.texts.not_labelled));
}

function drawDrawer(s, card) {
  s.parts.drawer.hidden = !(s.drawer && card);
  if (s.parts.drawer.hidden) return;
  const { count, sessions } = card.earlier;
  const more = count - sessions.length;
  s.parts.drawer.replaceChildren(
    el("header", {}, el("b", {}, say(s.texts.history_title, { id: card.visitor_id })),
      el("button", { class: "quiet", onclick: () => s.go("history") }, s.texts.close, " ", el("kbd", {}, firstKey(s, "history")))),
    sessions.length ? el("ol", {}, sessions.map((one) => earlierRow(s, one))) : el("p", { class: "muted" }, s.texts.history_none),
    el("a", { href: card.link }, more > 0 ? say(s.texts.history_more, { n: number(more, s.language) }) : s.texts.history_link));
}
