"""What shoppers type and read, in Chinese and English; the words tell the kind of a query, never the intent itself."""

import numpy as np

QUERIES: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {
        "en": ("{category}", "{category} for home", "{color} {category}", "nice {category}", "{category} new"),
        "zh": ("{category}", "家用{category}", "{color}{category}", "好看的{category}", "{category} 新款"),
    },
    "exact": {
        "en": ("{brand} {category}", "{brand} {model}", "{model} {category}", "{brand} {category} {color}"),
        "zh": ("{brand} {category}", "{brand} {model}", "{model} {category}", "{brand}{color}{category}"),
    },
    "bargain": {
        "en": ("cheap {category}", "{category} sale", "{category} under 50", "{category} discount code"),
        "zh": ("便宜{category}", "{category} 打折", "{category} 特价", "{category} 优惠券"),
    },
    "help": {
        "en": ("return policy", "track my parcel", "change delivery address", "invoice", "warranty {category}"),
        "zh": ("退货政策", "查快递", "修改收货地址", "开发票", "{category} 保修"),
    },
}
MESSAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "order": {
        "en": ("Where is my order?", "My parcel has not moved for three days.", "When will it arrive?"),
        "zh": ("我的订单到哪里了？", "快递三天没有动了。", "什么时候能送到？"),
    },
    "product": {
        "en": ("Does this {category} come in {color}?", "How big is it really?", "Is it easy to clean?"),
        "zh": ("这款{category}有{color}的吗？", "实物有多大？", "好清洗吗？"),
    },
    "price": {
        "en": ("Will this be on sale soon?", "Can I use two coupons?", "Is there a discount for two?"),
        "zh": ("最近会有活动吗？", "优惠券可以叠加吗？", "买两件有优惠吗？"),
    },
    "returns": {
        "en": ("I want to send this back.", "The {category} arrived broken.", "How do I get a refund?"),
        "zh": ("我想退货。", "{category}收到时是坏的。", "怎么申请退款？"),
    },
}
PAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "home": {"en": ("Home",), "zh": ("首页",)},
    "story": {
        "en": ("Behind our {category}", "Rooms we like: {category}"),
        "zh": ("{category}的故事", "我们喜欢的角落：{category}"),
    },
    "delivery": {"en": ("Delivery and returns", "Sizes and care"), "zh": ("配送与退货", "尺寸与保养")},
    "account": {"en": ("Your account", "Your orders"), "zh": ("我的账户", "我的订单")},
    "sale": {"en": ("This week's offers", "Last chance"), "zh": ("本周优惠", "清仓")},
}
PROMOTIONS: dict[str, tuple[str, ...]] = {
    "en": ("10 % off {category}", "Free delivery this weekend", "Two for one"),
    "zh": ("{category}九折", "本周末包邮", "买一送一"),
}


def phrase(random: np.random.Generator, choices: tuple[str, ...], words: dict[str, str]) -> str:
    """One of the choices with the words filled in."""
    return choices[int(random.integers(len(choices)))].format(**words)
