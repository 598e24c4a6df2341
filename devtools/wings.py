"""The law of the house, checked: floors by imports, wings by everything that names a model.

Odoo hides most dependencies from an import checker: a model is named in `_inherit`, as a comodel, in `env["…"]`, as a
table in SQL, or in the path of a related field. :func:`arrows` reads all of these from the source.
"""

import ast
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from . import paths

ADDON = paths.ROOT / "customer_success"
PAGE = paths.ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- wings: begin -->", "<!-- wings: end -->"

# From the bottom: a folder may import from its own floor and from those before it.
FLOORS = (
    ("ground", ("scoring", "plays")),
    ("records", ("models", "ingestion")),
    ("surfaces", ("wizards", "report", "controllers")),
)
# From the bottom: a wing depends on itself and on those before it.
WINGS = (
    "common",
    "customer",
    "use",
    "advisor",
    "plans",
    "barriers",
    "renewals",
    "scores",
    "years",
    "work",
    "sales",
    "portal",
    "loading",
    "events",
    "outputs",
    "whole",
)
# Files of wings with fewer than four files on their floor, and folders that belong to one wing as a whole.
WING_OF = {
    "controllers/delivery.py": "loading",
    "controllers/events.py": "events",
    "controllers/portal.py": "portal",
    "ingestion": "loading",
    "report": "outputs",
    "wizards/base_partner_merge.py": "whole",
    "wizards/base_partner_merge_spellings.py": "whole",
    "wizards/customer_success_assess.py": "use",
    "wizards/customer_success_barrier_check.py": "barriers",
    "wizards/customer_success_renewal_end_replaced.py": "renewals",
    "wizards/customer_success_term_choice.py": "renewals",
    "wizards/customer_success_correction.py": "advisor",
    "wizards/customer_success_erase.py": "customer",
    "wizards/customer_success_decline.py": "work",
    "wizards/customer_success_hand_on.py": "advisor",
    "wizards/customer_success_handover.py": "customer",
    "wizards/customer_success_log.py": "advisor",
    "wizards/customer_success_move.py": "customer",
    "wizards/customer_success_move_live.py": "plans",
    "wizards/customer_success_outcome.py": "work",
    "wizards/customer_success_plan_compare.py": "plans",
    "wizards/customer_success_renewal_end.py": "renewals",
    "wizards/customer_success_renewal_notice.py": "renewals",
    "wizards/customer_success_renewal_withdrawal.py": "renewals",
    "wizards/customer_success_share.py": "portal",
    "wizards/customer_success_succession.py": "use",
    "wizards/customer_success_win.py": "sales",
    "wizards/customer_success_workbook_wizard.py": "outputs",
}
# Arrows up that stay: (file, wing it reaches up to) -> why.
EXCEPTIONS = {}
# Where links of Odoo's own models lead, as far as our paths use them.
ODOO_LINKS = {
    "commercial_partner_id": "res.partner",
    "company_id": "res.company",
    "currency_id": "res.currency",
    "order_partner_id": "res.partner",
    "parent_id": "res.partner",
    "partner_id": "res.partner",
    "product_id": "product.product",
    "user_id": "res.users",
}


@dataclass
class Source:
    """One Python file of the addon and what it says of models."""

    path: Path
    tree: ast.Module
    defines: set = field(default_factory=set)
    inherits: set = field(default_factory=set)
    fields: dict = field(default_factory=dict)  # (model, field) -> comodel or ""

    @property
    def name(self):
        return self.path.relative_to(ADDON).as_posix()

    @property
    def floor(self):
        folder = self.path.relative_to(ADDON).parts[0]
        return next(n for n, (_name, folders) in enumerate(FLOORS) if folder in folders)

    @property
    def wing(self):
        parts = self.path.relative_to(ADDON).parts
        if parts[0] in FLOORS[0][1]:
            return None
        if len(parts) > 2 and parts[1] in WINGS:
            return parts[1]
        return WING_OF.get(self.name) or WING_OF.get(parts[0])


@dataclass(frozen=True)
class Arrow:
    """A dependency of one file on another, and how it is expressed."""

    source: str
    target: str
    how: str


def sources():
    """Read every Python file on the three floors, packages' own files left out."""
    found = []
    for _floor, directories in FLOORS:
        for directory in directories:
            paths_found = sorted((ADDON / directory).rglob("*.py"))
            found += [_read(path) for path in paths_found if path.name != "__init__.py"]
    return found


def _read(path):
    source = Source(path, ast.parse(path.read_text(encoding="utf-8")))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            _read_class(source, node)
    return source


def _read_class(source, node):
    own, inherited, fields_found = "", [], {}
    for statement in node.body:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            continue
        name, value = statement.targets[0].id, statement.value
        if name == "_name":
            own = value.value
        elif name == "_inherit":
            items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
            inherited = [item.value for item in items if isinstance(item, ast.Constant)]
        elif isinstance(value, ast.Call):
            fields_found[name] = _comodel(value)
    model = own or (inherited[0] if inherited else "")
    if own and own not in inherited:
        source.defines.add(own)
    source.inherits |= set(inherited)
    source.fields |= {(model, name): comodel for name, comodel in fields_found.items()}


def _comodel(call):
    """The model that a field leads to, "" for none."""
    kind = getattr(call.func, "attr", "")
    if kind not in ("Many2one", "One2many", "Many2many"):
        return ""
    named = [k.value for k in call.keywords if k.arg == "comodel_name"]
    value = (named or call.args or [None])[0]
    return value.value if isinstance(value, ast.Constant) else ""


def arrows(found=None):
    """Every dependency between two files of the addon that the source shows."""
    found = found or sources()
    owner = {model: source for source in found for model in source.defines}
    tables = {model.replace(".", "_"): source for model, source in owner.items()}
    named_table = re.compile(rf"\b({'|'.join(sorted(tables, key=len, reverse=True))})\b")
    by_path = {source.path: source for source in found}
    definer = defaultdict(list)
    for source in found:
        for key, comodel in source.fields.items():
            definer[key].append((source, comodel))
    result = set()
    for source in found:
        docstrings = _docstrings(source.tree)
        reached = [(target, "import") for target in _imports(source, by_path)]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in docstrings:
                    continue
                if node.value in owner:
                    how = "_inherit" if node.value in source.inherits else "model"
                    reached.append((owner[node.value], how))
                elif " " in node.value.strip():
                    reached += [(tables[name], "table") for name in named_table.findall(node.value)]
            elif isinstance(node, ast.Call):
                reached += [(target, "path") for target in _paths(source, node, definer)]
        result |= {
            Arrow(source.name, target.name, how) for target, how in reached if target is not source
        }
    return sorted(result, key=lambda arrow: (arrow.source, arrow.target, arrow.how))


def _docstrings(tree):
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def _imports(source, by_path):
    """Yield the files of ours that are imported, relatively or by their full name."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            base = source.path.parents[node.level - 1]
        elif (node.module or "").startswith("odoo.addons.customer_success."):
            base = ADDON.parent / "/".join(node.module.split(".")[2:3])
            node = ast.ImportFrom(module=".".join(node.module.split(".")[3:]), names=node.names)
        else:
            continue
        package = base.joinpath(*(node.module.split(".") if node.module else ()))
        for alias in node.names:
            for path in (package / f"{alias.name}.py", package.with_suffix(".py")):
                if path in by_path:
                    yield by_path[path]
                    break


def _paths(source, call, definer):
    """Yield the files that define the fields along related paths and dependencies in this call."""
    name = getattr(call.func, "attr", "")
    related = [
        keyword.value.value
        for keyword in call.keywords
        if keyword.arg == "related" and isinstance(keyword.value, ast.Constant)
    ]
    if name == "depends":
        related += [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    models = {model for model, _field in source.fields} or source.inherits | source.defines
    for path in related:
        steps = [(model, path.split(".")) for model in models]
        for model, names in steps:
            for step in names:
                owners = definer.get((model, step), ())
                for target, _comodel_name in owners:
                    yield target
                model = next((c for _t, c in owners if c), "") or ODOO_LINKS.get(step, "")


def findings():
    """Lines about arrows that go up a floor or a wing, files without a wing, and a page that is not up to date."""
    found = sources()
    all_arrows = arrows(found)
    floor = {source.name: source.floor for source in found}
    wing = {source.name: source.wing for source in found}
    for name in sorted(wing):
        if floor[name] and not wing[name]:
            yield f"{ADDON.name}/{name}:1: belongs to no wing: move it into one, or name it in {Path(__file__).name}"
    for arrow in all_arrows:
        if arrow.how == "import" and floor[arrow.target] > floor[arrow.source]:
            yield f"{ADDON.name}/{arrow.source}:1: imports {arrow.target}, which stands on a higher floor"
    for arrow in up(all_arrows, wing):
        if (arrow.source, wing[arrow.target]) not in EXCEPTIONS:
            yield (
                f"{ADDON.name}/{arrow.source}:1: wing {wing[arrow.source]} reaches up to {wing[arrow.target]}:"
                f" {arrow.target} ({arrow.how})"
            )
    used = {(arrow.source, wing[arrow.target]) for arrow in up(all_arrows, wing)}
    for key in EXCEPTIONS:
        if key not in used:
            yield f"devtools/wings.py:1: the exception {key} is not needed any more"
    if drawn(all_arrows, wing) not in PAGE.read_text(encoding="utf-8"):
        yield f"{PAGE.relative_to(paths.ROOT)}:1: the arrows are not up to date: ./dev lint --fix"


def up(all_arrows, wing):
    """The arrows from a wing to a higher one."""
    place = {name: number for number, name in enumerate(WINGS)}
    return [
        arrow
        for arrow in all_arrows
        if wing[arrow.source]
        and wing[arrow.target]
        and place[wing[arrow.source]] < place[wing[arrow.target]]
    ]


def drawn(all_arrows, wing):
    """The table of the page: each wing with those it depends on, and the exceptions with their reasons."""
    pairs = defaultdict(Counter)
    for arrow in all_arrows:
        if wing[arrow.source] and wing[arrow.target] and wing[arrow.source] != wing[arrow.target]:
            pairs[wing[arrow.source]][wing[arrow.target]] += 1
    lines = [BEGIN, "| wing | depends on (number of places) |", "|---|---|"]
    for name in reversed(WINGS):
        below = [f"{other} {pairs[name][other]}" for other in WINGS if pairs[name][other]]
        lines.append(f"| {name} | {', '.join(below) or 'nothing of ours'} |")
    if EXCEPTIONS:
        lines += ["", "| reaches up | to | why |", "|---|---|---|"]
        lines += [f"| `{name}` | {target} | {why} |" for (name, target), why in EXCEPTIONS.items()]
    return "\n".join([*lines, END])


def write_page():
    """Draw the arrows into the page, between its two marks."""
    found = sources()
    text = PAGE.read_text(encoding="utf-8")
    start, stop = text.index(BEGIN), text.index(END) + len(END)
    new = drawn(arrows(found), {source.name: source.wing for source in found})
    if text[start:stop] != new:
        PAGE.write_text(text[:start] + new + text[stop:], encoding="utf-8")
