// The form of one event: what it was, and the pause before it. Each change is an edit at once.

function labelled(text, node) {
  return el("label", {}, el("span", { class: "muted" }, text), node);
}

function typeSelect(s, value) {
  return el("select", { name: "event_type" }, s.choices.types.map((type) => el("option", { value: type, selected: type === value }, s.types[type] || type)));
}

function withList(s, name, value, options, place) {
  const id = `list-${name}-${place}`;
  return [el("input", { name, value: value ?? "", list: id, autocomplete: "off" }),
    el("datalist", { id }, options.map(([key, text]) => el("option", { value: key }, text)))];
}

// 95 -> [95, 1]; 180 -> [3, 60]; 7200 -> [2, 3600]
function inUnits(seconds) {
  const size = [3600, 60].find((one) => seconds >= one && Math.abs(seconds % one) < 1e-6) || 1;
  return [Math.round((seconds / size) * 100) / 100, size];
}

function pauseInputs(s, seconds) {
  const [value, size] = inUnits(seconds);
  const units = [[1, s.texts.seconds], [60, s.texts.minutes], [3600, s.texts.hours]];
  return el("span", { class: "pause" }, el("input", { name: "gap", type: "number", min: "0", step: "any", value }),
    el("select", { name: "unit", "aria-label": s.texts.unit }, units.map(([one, text]) => el("option", { value: one, selected: one === size }, text))));
}

function readForm(form) {
  const field = (name) => form.querySelector(`[name=${name}]`)?.value ?? "";
  const price = field("price");
  return {
    event_type: field("event_type"), item_id: field("item_id") || null, query: field("query") || null, text: field("text") || null,
    price: price === "" ? null : Number(price), gap_s: Number(field("gap") || 0) * Number(field("unit") || 1),
  };
}

function fields(s, row, place) {
  return [
    labelled(s.texts.type, typeSelect(s, row.type)),
    labelled(s.texts.item, withList(s, "item_id", row.item_id, s.choices.items, place)),
    labelled(s.texts.query, withList(s, "query", row.query, s.choices.queries.map((query) => [query, ""]), place)),
    labelled(s.texts.text, el("input", { name: "text", value: row.text ?? "" })),
    labelled(row.currency ? `${s.texts.price} (${row.currency})` : s.texts.price, el("input", { name: "price", type: "number", min: "0", step: "any", value: row.price ?? "" })),
  ];
}

// What differs between two readings of a form.
function difference(before, after) {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== before[name]));
}

function changeForm(s, row, first) {
  const form = el("div", { class: "form", role: "group", "aria-label": say(s.texts.change_of, { n: row.n }) }, fields(s, row, row.event_id),
    first ? null : labelled(s.texts.gap, pauseInputs(s, row.gap_s)));
  let known = readForm(form);
  const read = () => {
    if (s.drawing) return;
    const now = readForm(form);
    const values = difference(known, now);
    if (first) delete values.gap_s;
    known = now;
    if (Object.keys(values).length) commit(s, changedValues(s.edits, row.event_id, values));
  };
  form.addEventListener("change", read);
  form.addEventListener("focusout", read); // what was typed before an answer redrew the field makes no change of it
  return form;
}

function insertForm(s, after) {
  const blank = { type: "search", query: s.choices.queries[0] ?? "", item_id: "", text: "", price: null };
  const form = el("div", { class: "form new", role: "group", "aria-label": s.texts.insert }, fields(s, blank, "new"),
    labelled(s.texts.gap, pauseInputs(s, 10)),
    el("span", { class: "acts" },
      el("button", { class: "main", onclick: () => {
        const { gap_s, ...values } = readForm(form);
        s.inserting = undefined;
        commit(s, inserted(s.edits, after, gap_s, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))));
      } }, s.texts.insert_now),
      el("button", { onclick: () => { s.inserting = undefined; draw(s); } }, s.texts.cancel)));
  return form;
}
