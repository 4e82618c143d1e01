// One of each call by @segment/analytics-node: node shop.js HOST WRITE_KEY
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 3, flushInterval: 100 });
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});
const anonymousId = "anonymous-1";
analytics.track({
  anonymousId,
  event: "Product Added",
  properties: { product_id: "sku-7", name: "Kettle 水壶", price: 39.5, currency: "EUR", quantity: 2 },
});
analytics.page({ anonymousId, category: "shop", name: "Home", properties: { title: "Welcome" } });
analytics.screen({ anonymousId, name: "Basket" });
analytics.identify({ anonymousId, userId: "ada", traits: { email: "ada@shop.example" } });
analytics.group({ userId: "ada", groupId: "team-1" });
analytics.alias({ previousId: "older-ada", userId: "ada" });
for (let number = 0; number < 100; number++) {
  analytics.track({ userId: "ada", event: "Product Viewed", properties: { product_id: `sku-${number}` } });
}
analytics.closeAndFlush();
