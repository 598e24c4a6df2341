"""Use that names its contract: its rows add up to the use of the product, and are kept by contract."""

from ..scoring.use import DEGREES
from .rejections import Reject

COLUMN = "contract_number"
COUNTS = ("licensed_users", "active_users")


class ContractUse:
    """The rows of a delivery that name a contract, in memory until they are added up."""

    def __init__(self, env):
        self.env = env
        self._ = env._
        self.model = env["customer.success.usage.contract"]
        self.periods = {}  # key of a record of use -> {number in lower case: (row, number, figures)}
        self._known = {}  # customer -> its contracts

    def add(self, row, partner_id, product_id, start, period, source, figures, number):
        """Keep a row; raise ``Reject`` if there is no such contract, or if it came before."""
        if partner_id not in self._known:
            self._known[partner_id] = self.model._contracts([partner_id])
        if (partner_id, product_id, number.lower()) not in self._known[partner_id]:
            raise Reject("not_found", COLUMN, self.model._say_unknown(number))
        parts = self.periods.setdefault((partner_id, product_id, start, period, source), {})
        if number.lower() in parts:
            raise Reject(
                "repeated",
                COLUMN,
                self._("The use of contract “%s” in this period stands in an earlier row.", number),
            )
        parts[number.lower()] = (row, number, figures)

    def take_out(self, cr):
        """Take out the sums of records of use that stand in an earlier row; return the numbers of their rows.

        Nothing of them is kept by contract, because the parts would add up to another total than that of the row.
        """
        keys = {next(iter(parts.values()))[0]: key for key, parts in self.periods.items()}
        if not keys:
            return []
        cr.execute(
            "DELETE FROM usage_compared WHERE place > 1 AND row = ANY(%s) RETURNING row",
            [list(keys)],
        )
        taken = [self.periods.pop(keys[first]) for (first,) in cr.fetchall()]
        return sorted(row for parts in taken for row, _name, _figures in parts.values())

    def lines(self):
        """Return a line for the staging table for each period: the sum over its contracts, also of those known before."""
        before = self._before()
        for key, parts in self.periods.items():
            partner_id, product_id, start, period, source = key
            all_parts = before.get(key, {}) | {
                number: figures for number, (_row, _name, figures) in parts.items()
            }
            first = next(iter(parts.values()))[0]
            figures = added_up(list(all_parts.values()))
            yield first, partner_id, product_id, start, period, source, figures, None

    def _before(self):
        """Return the numbers of users that are known by contract, ``{key: {number: figures}}``, with one query."""
        return {
            key: {
                part.contract_number.lower(): {
                    name: part[name] for name in COUNTS if part[name] is not False
                }
                for part in usage.contract_ids
            }
            for key, usage in self._uses().items()
        }

    def _uses(self):
        if not self.periods:
            return {}
        partners, products, starts, _periods, _sources = zip(*self.periods, strict=True)
        uses = self.env["customer.success.usage"].sudo()
        found = uses.search(
            [
                ("partner_id", "in", list(set(partners))),
                ("product_id", "in", list(set(products))),
                ("date", "in", list(set(starts))),
            ]
        )
        return {(u.partner_id.id, u.product_id.id, u.date, u.period, u.source): u for u in found}

    def keep(self, delivery, without=()):
        """Keep the users by contract, once the sums have landed; rows with a number in ``without`` were taken out."""
        uses, new = self._uses(), []
        changed = self.env["customer.success.usage"].sudo()
        for key, parts in self.periods.items():
            usage = uses.get(key)
            known = (
                {part.contract_number.lower(): part for part in usage.contract_ids} if usage else {}
            )
            for folded, (row, number, figures) in parts.items() if usage else ():
                vals = {name: figures[name] for name in COUNTS if name in figures}
                vals = {name: False if value is None else value for name, value in vals.items()}
                if not vals or row in without:
                    continue
                if folded not in known:
                    new.append(
                        {"usage_id": usage.id, COLUMN: number, "delivery_id": delivery.id, **vals}
                    )
                elif any(known[folded][name] != value for name, value in vals.items()):
                    part = known[folded].with_context(success_parts_landed=True)
                    part.write({**vals, **part._keep_former(delivery)})
                    changed |= usage
        created = self.model.sudo().with_context(success_parts_landed=True).create(new)
        # Their sums have landed, and part by part they would be corrected to others in between.
        (changed | created.usage_id)._add_up_contracts()


def added_up(parts):
    """Return the figures of all parts of a period: users add up, and a degree is the mean by active users.

    >>> one = {"active_users": 30, "licensed_users": 50, "quality": 80.0}
    >>> added_up([one, {"active_users": 10, "quality": 40.0}])
    {'licensed_users': 50, 'active_users': 40, 'quality': 70.0}
    >>> added_up([{"quality": 80.0}, {"quality": 40.0}, {"active_users": None}])
    {'active_users': None, 'quality': 60.0}
    """
    found = {}
    for name in COUNTS:
        given = [part[name] for part in parts if name in part]
        known = [value for value in given if value is not None]
        if given:
            found[name] = sum(known) if known else None
    for name in DEGREES:
        given = [part for part in parts if name in part]
        known = [
            (part.get("active_users") or 0, part[name]) for part in given if part[name] is not None
        ]
        if given:
            weights = sum(weight for weight, _value in known)
            pairs = known if weights else [(1, value) for _weight, value in known]
            total = sum(weight for weight, _value in pairs)
            found[name] = round(sum(w * v for w, v in pairs) / total, 1) if total else None
    return found
