"""The guidelines that the default taxonomy comes with: how to decide where two intents lie close together."""

from core.intents.intent import Guideline

DEFAULT_GUIDELINES: dict[str, Guideline] = {
    "browse": Guideline(
        text={
            "en": "Label what the shopper was after, not what the shop showed. Nobody who browses could say "
            "yet which thing they want; they would have been as happy with another category.",
            "zh": "标的是顾客想要什么，而不是网站给他看了什么。闲逛的人自己也说不出要买哪样东西，换一个品类同样"
            "看得下去。",
        },
        yes={
            "en": "- Several categories with nothing in common\n"
            "- Lists and home page, few item pages, short looks\n"
            "- No query, or queries that jump from topic to topic",
            "zh": "- 看了好几个互不相干的品类\n"
            "- 多是首页和列表，很少点进商品，停留很短\n"
            "- 不搜索，或搜索词东一个西一个",
        },
        no={
            "en": "- Queries or filters close in on one kind of thing → **Search**\n"
            "- The same item is opened again → **Compare**\n"
            "- Only promotion pages, from one to the next → **Deal**",
            "zh": "- 搜索或筛选逐步集中到一类东西 → **搜寻**\n"
            "- 反复打开同一件商品 → **比较**\n"
            "- 一直在各个促销页之间看 → **找优惠**",
        },
    ),
    "search": Guideline(
        text={
            "en": "The kind of thing is known, the particular one is not. The events get narrower: query, "
            "longer query, filter, item. One single query can be enough if what follows stays with it.",
            "zh": "要哪一类东西已经清楚，具体哪一件还没定。行为越来越窄：搜索、更长的搜索词、筛选、商品。只搜一"
            "次也可以，只要后面的行为都围绕它。",
        },
        yes={
            "en": "- Queries that refine each other (*shoes* → *running shoes 42*)\n"
            "- Filters or sorting inside one category\n"
            "- Many different items of one kind, each opened once",
            "zh": "- 搜索词一次比一次具体（*鞋* → *跑步鞋 42 码*）\n"
            "- 在同一品类里筛选、排序\n"
            "- 同类商品看了很多件，每件只看一次",
        },
        no={
            "en": "- No direction in the queries → **Browse**\n"
            "- The circle is down to two to five items, seen more than once → **Compare**\n"
            "- Sorted by price or *sale* in the query, and nothing else narrows → **Deal**",
            "zh": "- 搜索词之间没有方向 → **闲逛**\n"
            "- 已缩到两到五件，且反复看 → **比较**\n"
            "- 只按价格排序、或搜“特价”，其他条件都不收窄 → **找优惠**",
        },
    ),
    "compare": Guideline(
        text={
            "en": "The candidates are known and few; the shopper weighs them against each other. Coming back "
            "is the sign: the second look at an item counts for more than the tenth new item.",
            "zh": "候选已经不多，顾客在它们之间权衡。“回头看”是标志：第二次打开同一件商品，比看第十件新商品更"
            "说明问题。",
        },
        yes={
            "en": "- Two to five items, back and forth between them\n"
            "- Reviews, size tables, questions on the item\n"
            "- Wish list as a short list; put into the cart and taken out again",
            "zh": "- 在两到五件之间来回看\n- 看评价、尺码表、商品问答\n- 把收藏当候选清单；加入购物车又拿出来",
        },
        no={
            "en": "- Each item is opened once only → **Search**\n"
            "- An item goes into the cart and stays, address or payment follows → **Purchase**\n"
            "- The same item again and again, days apart, only its price is looked at → **Deal**",
            "zh": "- 每件都只看一次 → **搜寻**\n"
            "- 加入购物车后留着，接着填地址或付款 → **购买**\n"
            "- 隔几天反复看同一件，只看价格 → **找优惠**",
        },
    ),
    "purchase": Guideline(
        text={
            "en": "The decision is made and the rest is carrying it out. An order is not needed: who gives up "
            "at the payment wanted to buy too. And an order at the end does not make the hour of looking "
            "before it a purchase: label those events by what they were.",
            "zh": "已经决定要买，剩下的只是完成。不一定要下单：在支付页放弃的人也是想买的。反过来，最后下了单，"
            "并不等于之前看了一小时都是购买：那些行为按它们当时的意图标。",
        },
        yes={
            "en": "- Straight to an item, cart, checkout\n"
            "- Cart and checkout opened again, nothing else looked at\n"
            "- A repeat order of something bought before",
            "zh": "- 直奔某件商品、购物车、结算\n- 反复进购物车和结算页，不再看别的\n- 再次购买以前买过的东西",
        },
        no={
            "en": "- Things in the cart while the looking goes on → **Compare**\n"
            "- The cart is only opened to try coupons → **Deal**\n"
            "- After the order: where is it, send it back → **Support**",
            "zh": "- 东西在购物车里，但还在继续看 → **比较**\n"
            "- 进购物车只是为了试优惠券 → **找优惠**\n"
            "- 下单之后：查物流、退货 → **售后咨询**",
        },
    ),
    "deal": Guideline(
        text={
            "en": "The price leads and the thing follows: without the discount there would be no session. A "
            "coupon at the end of a purchase is only a habit; ask what the session began with.",
            "zh": "先看价格，再看东西：没有折扣就不会有这次访问。付款时顺手用一张券只是习惯，要看这次访问从什么开始。",
        },
        yes={
            "en": "- Comes by a promotion and moves from promotion to promotion\n"
            "- Sorted by price again and again\n"
            "- Several coupons tried; *sale*, *discount*, *outlet* in the queries",
            "zh": "- 从促销进来，在各个促销之间看\n- 反复按价格排序\n- 试好几张优惠券；搜“特价”“折扣”“清仓”",
        },
        no={
            "en": "- One coupon at the checkout of an item chosen before → **Purchase**\n"
            "- Came by a promotion, then closes in on one kind of thing → **Search**",
            "zh": "- 早已选好商品，结算时用一张券 → **购买**\n- 从促销进来，之后集中找一类东西 → **搜寻**",
        },
    ),
    "support": Guideline(
        text={
            "en": "A question or a problem about the shop's service or an order. If somebody asks about an "
            "item in order to decide on it, that is deliberation and not support.",
            "zh": "对商城服务或订单有疑问、有问题。如果是为了决定买不买而询问商品，那是在权衡，不算售后咨询。",
        },
        yes={
            "en": "- Order status, delivery, return, refund, invoice\n"
            "- A message to the shop, or its help pages\n"
            "- Queries such as *track order* or *return policy*",
            "zh": "- 查订单、物流、退货、退款、发票\n- 给商家留言，或看帮助页\n- 搜“查快递”“退货政策”之类",
        },
        no={
            "en": "- *Does this fit a 13-inch laptop?* before buying → **Compare**\n"
            "- Looks up the last order to buy the same again → **Purchase**",
            "zh": "- 买之前问“放得下 13 寸电脑吗？” → **比较**\n- 查上次的订单是为了再买一次 → **购买**",
        },
    ),
    "other": Guideline(
        text={
            "en": "Only where none of the others fits **and** more events would not help: robots, staff, "
            "tests, people who landed here by mistake. If two intents fit equally well, choose the later "
            "one in the session and mark it unsure (`x`); if you cannot tell at all, skip (`Space`).",
            "zh": "只在其他都不合适、**而且**再多看几个行为也没用时才选：机器、员工、测试、误点进来的人。如果两"
            "个意图同样合适，选会话中较晚的那个，并标为不确定（`x`）；完全看不出来就跳过（空格）。",
        },
        yes={
            "en": "- Events too regular for a person\n- Account or job pages only\n- Left after one stray click",
            "zh": "- 规律得不像人的行为\n- 只看账户或招聘页面\n- 误点一下就离开",
        },
        no={
            "en": "- Short, but with a direction → the intent it points to\n- Hard to decide → unsure, not **Other**",
            "zh": "- 很短，但有方向 → 标它指向的意图\n- 难以判断 → 标为不确定，而不是**其他**",
        },
    ),
}
