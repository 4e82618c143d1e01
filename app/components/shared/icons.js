// One drawing a type of event, on a 24 by 24 grid, in strokes of the text's own colour.

const CART = "M2 4h2.6l2.2 11h11.4";
const WHEELS = [[9, 19.5], [16.5, 19.5]];

const ICONS = {
  search: { paths: ["M16 16l5 5"], circles: [[10.5, 10.5, 6.5]] },
  view_list: { paths: ["M9 6h12M9 12h12M9 18h12"], circles: [[4.5, 6, 1.3], [4.5, 12, 1.3], [4.5, 18, 1.3]] },
  filter_list: { paths: ["M3 5h18l-7 8v6l-4-2v-4z"] },
  click: { paths: ["M5 4l14.5 6-6.3 2.3L11 19z"] },
  view: { paths: ["M2 12s3.8-6.5 10-6.5S22 12 22 12s-3.8 6.5-10 6.5S2 12 2 12z"], circles: [[12, 12, 2.8]] },
  add_to_cart: { paths: [CART, "M14 3.5v7.5M10.2 7.2h7.6"], circles: WHEELS },
  remove_from_cart: { paths: [CART, "M10.2 8h7.6"], circles: WHEELS },
  view_cart: { paths: [CART, "M5.4 7h15.1l-2.3 8"], circles: WHEELS },
  add_to_wishlist: { paths: ["M12 20.5s-8.5-5-8.5-11.3A4.6 4.6 0 0 1 12 6.8a4.6 4.6 0 0 1 8.5 2.4c0 6.3-8.5 11.3-8.5 11.3z"] },
  checkout: { paths: ["M3 6h18v12H3zM3 10h18M6.5 14.5h4"] },
  purchase: { paths: ["M5 8h14l1 13H4zM9 8V6.5a3 3 0 0 1 6 0V8M8.5 14.3l2.6 2.6 4.4-4.8"] },
  refund: { paths: ["M9 14L4 9l5-5M4 9h10a5.5 5.5 0 0 1 0 11h-3"] },
  promo_view: { paths: ["M4 10v4h3l8 4.5v-13L7 10zM18.2 9.3a3.6 3.6 0 0 1 0 5.4"] },
  promo_click: { paths: ["M3.5 12V4H12l9 9-8 8z"], circles: [[7.8, 8.2, 1.3]] },
  coupon: { paths: ["M3 7h18v3a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4zM14 8.5v1.6M14 11.2v1.6M14 14v1.6"] },
  share: { paths: ["M12 15V4M8 7.5L12 3.5l4 4M5 12v8h14v-8"] },
  review: { paths: ["M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z"] },
  message: { paths: ["M4 5h16v11H10.5L6 20v-4H4z"] },
  page: { paths: ["M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"] },
  other: { circles: [[5, 12, 1.4], [12, 12, 1.4], [19, 12, 1.4]] },
};

function icon(type, size = 18) {
  const drawing = ICONS[type] || ICONS.other;
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true" },
    (drawing.paths || []).map((path) => svg("path", { d: path })),
    (drawing.circles || []).map(([x, y, radius]) => svg("circle", { cx: x, cy: y, r: radius || 1.5 })),
  );
}

const iconPaths = new Map();

// The same drawing as one Path2D, for canvases.
function iconPath(type) {
  if (!iconPaths.has(type)) {
    const drawing = ICONS[type] || ICONS.other;
    const path = new Path2D();
    for (const text of drawing.paths || []) path.addPath(new Path2D(text));
    for (const [x, y, radius] of drawing.circles || []) {
      path.moveTo(x + (radius || 1.5), y);
      path.arc(x, y, radius || 1.5, 0, Math.PI * 2);
    }
    iconPaths.set(type, path);
  }
  return iconPaths.get(type);
}
