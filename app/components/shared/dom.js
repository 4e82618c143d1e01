// Small helpers every component uses. Data reaches the page only as text nodes and attributes, never as markup.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

// el("div", {class: "row", onclick: f}, "text", node)
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

// "{n} events" with {n: 3} -> "3 events"
function say(template, values) {
  return String(template ?? "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const formatters = new Map();

function formatter(kind, language, options) {
  const key = kind.name + language + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new kind(language, options));
  return formatters.get(key);
}

function number(value, language, digits = 0) {
  return formatter(Intl.NumberFormat, language, { maximumFractionDigits: digits }).format(value);
}

function percent(value, language, digits = 0) {
  return formatter(Intl.NumberFormat, language, { style: "percent", maximumFractionDigits: digits }).format(value);
}

function money(value, currency, language) {
  if (value === null || value === undefined) return "";
  const known = /^[A-Z]{3}$/.test(currency || "");
  const options = known
    ? { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 2 }
    : { maximumFractionDigits: 2 };
  return formatter(Intl.NumberFormat, language, options).format(value);
}

function unit(value, name, language) {
  return formatter(Intl.NumberFormat, language, {
    style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0,
  }).format(value);
}

// milliseconds -> "8 sec", "3 min", "2 hr 5 min", "4 days"
function duration(ms, language) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return unit(seconds, "second", language);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute", language);
  if (minutes < 60 * 24) {
    const rest = minutes % 60;
    return unit(Math.floor(minutes / 60), "hour", language) + (rest ? " " + unit(rest, "minute", language) : "");
  }
  return unit(Math.round(minutes / 1440), "day", language);
}

// epoch milliseconds, shown in UTC as everything in the product is
function clockTime(ms, language, withDate = false) {
  const options = withDate
    ? { timeZone: "UTC", year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }
    : { timeZone: "UTC", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  return formatter(Intl.DateTimeFormat, language, options).format(ms);
}

function dayText(ms, language) {
  return formatter(Intl.DateTimeFormat, language, { timeZone: "UTC", month: "short", day: "numeric" }).format(ms);
}

function cssValue(node, name) {
  return getComputedStyle(node).getPropertyValue(name).trim();
}

function colorChannels(color) {
  const context = colorChannels.context || (colorChannels.context = document.createElement("canvas").getContext("2d"));
  context.fillStyle = "#000000";
  context.fillStyle = color || "#ffffff";
  const text = context.fillStyle;
  if (text.startsWith("#")) return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  return text.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function isDark(node) {
  const [red, green, blue] = colorChannels(cssValue(node, "--st-background-color"));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

// black or white, whichever reads better on `color` (relative luminance, WCAG 2)
function inkOn(color) {
  const [red, green, blue] = colorChannels(color).map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? "#111111" : "#ffffff";
}

// Puts --intent-<id> and --ink-<id> on `root` for the theme now shown; returns {id: colour}.
function paintIntents(root, intents) {
  const dark = isDark(root);
  root.toggleAttribute("data-dark", dark);
  root.style.setProperty("--accent-ink", inkOn(cssValue(root, "--st-primary-color") || "#2f6fde"));
  const colors = {};
  for (const intent of intents) {
    const color = (dark ? intent.color_dark : intent.color) || intent.color;
    colors[intent.id] = color;
    root.style.setProperty("--intent-" + intent.id, color);
    root.style.setProperty("--ink-" + intent.id, inkOn(color));
  }
  return colors;
}

// True while the reader types somewhere, or a dialog lies over the page: shortcuts must keep their hands off.
function isTyping(event) {
  if (document.querySelector("[data-testid=stDialog]")) return true;
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  if (target.matches("input[type=checkbox]")) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || !!target.closest("[role=combobox],[role=listbox]");
}

// The first thing an event is about: its query, else its item, else what was said, else the source's own name.
function eventSubject(event) {
  return event.query || event.title || event.text || event.item_id || event.category || "";
}
