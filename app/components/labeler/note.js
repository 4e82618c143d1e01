// The line for doubts and notes: a label can be marked unsure, and any label can carry a note.

function buildNote(s) {
  s.noteField = el("input", { type: "text", maxlength: "2000", "aria-label": s.texts.note, placeholder: s.texts.note_placeholder });
  s.noteField.addEventListener("input", () => { s.note = s.noteField.value; });
  s.noteField.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    s.noteField.blur(); // the keys mean labels again
    draw(s);
  });
  s.noteMark = el("span", { class: "label skipped" }, s.texts.unsure);
  s.noteHint = el("span", { class: "muted hint" });
  s.parts.note.replaceChildren(s.noteMark, s.noteField, s.noteHint);
}

function drawNote(s) {
  s.parts.note.hidden = !s.unsure && !s.noting;
  s.noteMark.hidden = !s.unsure;
  s.noteHint.textContent = say(s.unsure ? s.texts.unsure_hint : s.texts.note_hint, { note: firstKey(s, "note"), submit: firstKey(s, "submit") });
  if (s.noteField.value !== s.note) s.noteField.value = s.note;
}

function clearNote(s) {
  s.unsure = false;
  s.noting = false;
  s.note = "";
}

// The label that is given now, with the doubt and the note that stand beside it.
function wantedLabel(s, intent) {
  return { intent, status: s.unsure || intent === null ? UNSURE : SUBMITTED, note: s.note.trim() || null };
}
