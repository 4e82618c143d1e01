// The heatmap as a picture (PNG), drawn anew on a canvas: what is in sight and what is not.

const PICTURE = { head: 210, cell: 86, row: 26, total: 64, pad: 12 };

function canvasTint(s, value, peak) {
  const [back, side] = [cssValue(s.root, "--back"), cssValue(s.root, value >= 0 ? "--for" : "--against")].map(colorChannels);
  const share = strength(value, peak) / 100;
  return `rgb(${back.map((one, at) => Math.round(one + (side[at] - one) * share)).join(",")})`;
}

function drawText(pen, text, x, y, width) {
  let shown = String(text ?? "");
  while (shown.length > 1 && pen.measureText(shown).width > width) shown = shown.slice(0, -2) + "…";
  pen.fillText(shown, x, y);
}

function pictureOf(s) {
  const events = s.plan.filter((row) => row.kind === "event").map((row) => row.t);
  const { head, cell, row, total, pad } = PICTURE;
  const canvas = document.createElement("canvas");
  canvas.width = 2 * (head + s.columns.length * cell + total + 2 * pad);
  canvas.height = 2 * ((events.length + 3) * row + 2 * pad);
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  const ink = cssValue(s.root, "--st-text-color") || "#1f2430";
  pen.fillStyle = cssValue(s.root, "--back") || "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "middle";
  const line = (at, name, values, whole, peaks) => {
    const y = pad + at * row;
    pen.font = "12px system-ui, sans-serif";
    pen.fillStyle = ink;
    drawText(pen, name, pad, y + row / 2, head - 10);
    [...values, whole].forEach((value, column) => {
      const x = pad + head + column * cell;
      if (typeof value === "number") {
        pen.fillStyle = canvasTint(s, value, peaks[column === values.length ? 1 : 0]);
        pen.fillRect(x, y, (column === values.length ? total : cell) - 1, row - 1);
      }
      pen.fillStyle = ink;
      drawText(pen, typeof value === "number" ? points(s, value) : value, x + 5, y + row / 2, cell - 10);
    });
  };
  line(0, say(s.texts.for, { name: s.intent.name }), s.columns.map((f) => s.fields[f].name), s.texts.total, [1, 1]);
  events.forEach((t, at) => {
    const name = [clockTime(s.rows[t].t, s.language), s.types[s.rows[t].type] || s.rows[t].type, s.rows[t].subject].filter(Boolean).join(" ");
    line(at + 1, name, s.columns.map((f) => s.values[t][f]), s.rowTotals[t], [s.peak, s.rowPeak]);
  });
  line(events.length + 1, s.texts.total, s.columns.map((f) => s.fieldTotals[f]), s.rowTotals.reduce((sum, one) => sum + one, 0), [s.fieldPeak, s.rowPeak]);
  pen.fillStyle = ink;
  drawText(pen, s.texts.unit, pad, pad + (events.length + 2.5) * row, canvas.width / 2 - 2 * pad);
  return canvas;
}

function savePicture(s) {
  pictureOf(s).toBlob((blob) => {
    const link = el("a", { href: URL.createObjectURL(blob), download: s.name + ".png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, "image/png");
}
