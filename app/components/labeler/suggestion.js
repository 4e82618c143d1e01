// What a model or a rule suggests for a session: shown unless it is a blind one or the annotator hides them all.

const HIDDEN_PREFIX = "intentlens.suggestions.";

function areHidden(annotator) {
  try {
    return localStorage.getItem(HIDDEN_PREFIX + annotator) === "hidden";
  } catch {
    return false;
  }
}

function toggleSuggestions(s) {
  s.suggestionsHidden = !s.suggestionsHidden;
  try {
    if (s.suggestionsHidden) localStorage.setItem(HIDDEN_PREFIX + s.annotator, "hidden");
    else localStorage.removeItem(HIDDEN_PREFIX + s.annotator);
  } catch {
    // it holds until the page closes
  }
}

// The suggestion the annotator sees on this card, or null.
function seenSuggestion(s, card) {
  const given = card.suggestion;
  return given && !given.blind && !s.suggestionsHidden && s.intents.some((one) => one.id === given.intent) ? given : null;
}

// What goes into the journal with a session's label: one not seen counts as blind, and has no time of showing.
function suggestionRecord(s, card, intent) {
  const given = card.suggestion;
  if (!given) return null;
  const seen = seenSuggestion(s, card) !== null;
  const shown = s.firstShown.get(card.session_id) || Date.now();
  return {
    value: given.intent, score: given.score, agent: given.agent, shown_at: seen ? new Date(shown).toISOString() : null,
    accepted: given.intent === intent, latency_ms: Math.max(0, Date.now() - shown), planted: !!given.planted, blind: !seen,
  };
}

function suggestionWords(s, given) {
  const intent = s.intents.find((one) => one.id === given.intent);
  return say(s.texts.suggested, { name: intent.name, score: number(given.score, s.language, 2), agent: given.agent });
}

function suggestionLine(s, card) {
  const given = seenSuggestion(s, card);
  if (given) s.hadSuggestion = true;
  return [
    given ? el("button", { class: "accept", "data-action": "accept", style: { "--c": `var(--intent-${given.intent})` }, onclick: () => s.go("accept") },
      el("kbd", {}, firstKey(s, "accept")), el("span", {}, suggestionWords(s, given))) : null,
    s.hadSuggestion || (s.suggestionsHidden && card.suggestion) ? el("button", { class: "quiet", "data-action": "suggestions", onclick: () => s.go("suggestions") },
      s.suggestionsHidden ? s.texts.show_suggestions : s.texts.hide_suggestions, " ", el("kbd", {}, firstKey(s, "suggestions"))) : null,
  ];
}
