// The part of Markdown that guidelines use, as nodes: paragraphs, lists, headings, **bold**, *emphasis* and `code`.
// Text stays text: whatever else somebody wrote is shown as it stands.

const INLINE = /\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`/g;

function inlineNodes(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, found.index));
    const [whole, bold, emphasis, code] = found;
    nodes.push(bold ? el("b", {}, inlineNodes(bold)) : emphasis ? el("em", {}, emphasis) : el("code", {}, code));
    from = found.index + whole.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

function markdownNodes(text) {
  const nodes = [];
  let list = null;
  for (const line of String(text || "").split("\n")) {
    const item = /^\s*([-*]|\d+[.)])\s+(.*)$/.exec(line);
    if (item) {
      if (!list) nodes.push((list = el(/\d/.test(item[1]) ? "ol" : "ul", {})));
      list.append(el("li", {}, inlineNodes(item[2])));
      continue;
    }
    list = null;
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (line.trim()) nodes.push(el(heading ? "h5" : "p", {}, inlineNodes(heading ? heading[1] : line)));
  }
  return nodes;
}
