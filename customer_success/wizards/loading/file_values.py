"""The values of ours that the values of a file may mean: names of our records, and words of ours."""

from difflib import get_close_matches
from functools import cached_property

from odoo.fields import Domain

from ...ingestion.matching import WORDS, folded

CLOSE = 0.85
MOST_PRODUCTS = 5000

# What other systems say for the words of ours, in lower case.
SYNONYMS = {
    "outcome": {
        "pending": (
            "open",
            "active",
            "in progress",
            "upcoming",
            "up for renewal",
            "not started",
            "trialing",
            "in trial",
            "none",
        ),
        "renewed": ("won", "closed won", "closedwon", "renewal", "flat renewal", "retained"),
        "churned": (
            "lost",
            "closed lost",
            "closedlost",
            "churn",
            "cancelled",
            "canceled",
            "not renewed",
            "non-renewed",
        ),
        "expanded": ("upsell", "expansion", "upgrade", "upgraded"),
        "contracted": ("downsell", "contraction", "downgrade", "downgraded", "reduced"),
    },
    "value_period": {
        "year": ("yearly", "annual", "annually", "1 year", "12 months", "every year"),
        "half-year": ("half-yearly", "semi-annual", "semiannual", "6 months", "every 6 months"),
        "quarter": ("quarterly", "3 months", "every 3 months"),
        "month": ("monthly", "1 month", "every month"),
    },
    "licensed": {
        "yes": ("active", "enabled", "true", "licensed", "1", "invited", "y", "assigned"),
        "no": ("inactive", "disabled", "deactivated", "false", "suspended", "0", "n", "deleted"),
    },
    "new_customer": {"yes": ("true", "1", "y"), "no": ("false", "0", "n")},
}
SYNONYMS["confirmed"] = SYNONYMS["end_is_last_day"] = SYNONYMS["new_customer"]
SYNONYMS["auto_renew"] = {
    "yes": ("true", "1", "y", "on", "auto", "automatic", "automatically", "enabled", "evergreen"),
    "no": ("false", "0", "n", "off", "manual", "manually", "disabled"),
}
SYNONYMS["notice_unit"] = {
    "days": ("day", "d"),
    "weeks": ("week", "w"),
    "months": ("month", "monthly", "m"),
}
SYNONYMS["period"] = SYNONYMS["usage_period"] = {
    "month": ("monthly", "months"),
    "week": ("weekly", "weeks"),
}


class OurValues:
    """Our values by column, as ``(key, label)``; the key is what a row of a file says for it."""

    def __init__(self, env):
        self.env = env

    def choices(self, column):
        """Return the values of ours that a column may have."""
        if column in WORDS:
            return [(word, word) for word in WORDS[column]]
        return getattr(self, f"_{column}")

    def knows(self, column, value):
        """Return whether a value is one of ours as it is."""
        return folded(value) in self._keys(column)

    def _keys(self, column):
        return {folded(key): key for key, _label in self.choices(column)}

    def propose(self, column, values):
        """Return what each value most likely means, ``{value: key}``, with ``None`` for a value that says nothing to us."""
        keys = self._keys(column)
        labels = {folded(label): key for key, label in reversed(self.choices(column))}
        said = {other: key for key, others in SYNONYMS.get(column, {}).items() for other in others}
        if column == "csm":
            said = self._csm_names
        elif column == "currency":
            said = self._currency_marks
        close = list(labels) if column not in WORDS and column not in ("csm", "currency") else []
        found = {}
        for value in values:
            text = folded(value)
            found[value] = keys.get(text) or said.get(text) or labels.get(text)
            if not found[value] and len(text) > 3:
                alike = get_close_matches(text, close, 2, CLOSE)
                # Two that are alike are a question.
                found[value] = labels[alike[0]] if len(alike) == 1 else None
        return found

    @cached_property
    def _stage(self):
        stages = self.env["customer.success.stage"].search(Domain.TRUE)
        return [(stage.name, stage.name) for stage in stages]

    @cached_property
    def _users(self):
        return self.env["res.users"].search(
            [
                ("share", "=", False),
                ("active", "=", True),
                ("company_ids", "in", self.env.companies.ids),
            ]
        )

    @cached_property
    def _csm(self):
        return [(user.login, f"{user.name} ({user.login})") for user in self._users]

    @cached_property
    def _csm_names(self):
        """The logins by name and by mail address, as far as only one user has it."""
        found = {}
        for user in self._users:
            for text in {folded(user.name), folded(user.email or user.login)}:
                found.setdefault(text, set()).add(user.login)
        return {text: min(logins) for text, logins in found.items() if len(logins) == 1}

    @cached_property
    def _company(self):
        return [(company.name, company.name) for company in self.env.companies]

    @cached_property
    def _products(self):
        return self.env["product.product"].search(Domain.TRUE, limit=MOST_PRODUCTS)

    @cached_property
    def _product(self):
        return [
            (product.default_code or product.name, product.display_name)
            for product in self._products
        ] + [(product.name, product.name) for product in self._products if product.default_code]

    @property
    def _replaced_by(self):
        return self._product

    @cached_property
    def _product_code(self):
        return [
            (product.default_code, product.display_name)
            for product in self._products
            if product.default_code
        ]

    @cached_property
    def _product_name(self):
        return [(product.name, product.name) for product in self._products]

    @cached_property
    def _currencies(self):
        return self.env["res.currency"].search([("active", "=", True)])

    @cached_property
    def _currency(self):
        return [
            (currency.name, f"{currency.name} ({currency.full_name or currency.symbol})")
            for currency in self._currencies
        ]

    @cached_property
    def _currency_marks(self):
        """The codes by symbol and name. A symbol that several have means the company's own, otherwise it is a question."""
        found = {}
        for currency in self._currencies:
            for text in {folded(currency.symbol or ""), folded(currency.full_name or "")} - {""}:
                found.setdefault(text, set()).add(currency.name)
        own = self.env.company.currency_id.name
        return {
            text: own if own in codes else min(codes)
            for text, codes in found.items()
            if own in codes or len(codes) == 1
        }

    @cached_property
    def _reason(self):
        reasons = self.env["customer.success.renewal.reason"].search([("active", "=", True)])
        return [(name, name) for name in dict.fromkeys(reasons.mapped("name"))]

    @property
    def _notice_reason(self):
        return self._reason
