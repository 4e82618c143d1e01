// The alarms that ring, with their numbers, and those that rang before.

function timeOf(text) {
  return Date.parse(text);
}

function alarmWords(s, alarm) {
  const n = alarm.numbers;
  const share = (value) => percent(value, s.language, value < 0.1 ? 1 : 0);
  const values = {
    count: number(n.count, s.language), n: number(n.n, s.language), base_count: number(n.base_count, s.language),
    base_n: number(n.base_n, s.language), share: share(n.value), base: share(n.base),
    times: n.base ? number(n.value / n.base, s.language, 1) : "∞", rate: number(n.value, s.language, 1), base_rate: number(n.base, s.language, 1),
    chance: n.chance < 1e-6 ? "< 0.000001" : number(n.chance, s.language, 6),
  };
  return say(s.texts["alarm_" + alarm.rule], values);
}

async function acknowledge(s, alarm) {
  const answer = await fetch(s.post.acknowledge, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Page-Token": s.post.token },
    body: JSON.stringify({ alarm_id: alarm.alarm_id }),
  }).catch(() => null); // the next look shows whether it was kept
  if (answer) look(s);
}

function ringing(s, alarm) {
  return el("div", { class: "alarm" + (alarm.acknowledged_at ? " seen" : "") },
    el("div", {}, el("b", {}, s.texts["alarm_title_" + alarm.rule]), " ", alarmWords(s, alarm)),
    el("div", { class: "muted num" }, say(s.texts.alarm_since, { time: clockTime(timeOf(alarm.began_at), s.language) }),
      alarm.acknowledged_at ? " · " + say(s.texts.alarm_seen, { time: clockTime(timeOf(alarm.acknowledged_at), s.language) }) : ""),
    alarm.acknowledged_at ? null : el("button", { onclick: () => acknowledge(s, alarm) }, s.texts.acknowledge));
}

function drawAlarms(s, view) {
  const stamp = JSON.stringify(view.alarms.map((alarm) => [alarm.alarm_id, alarm.ended_at, alarm.acknowledged_at])) + s.language;
  if (stamp === s.alarmStamp) return; // a reader of the screen hears it once
  s.alarmStamp = stamp;
  s.parts.alarms.replaceChildren(...view.alarms.filter((alarm) => !alarm.ended_at).map((alarm) => ringing(s, alarm)));
}
