"""The worked examples of docs/extending.md, so that tests execute them as they stand in the page."""

import re
from io import BytesIO
from pathlib import Path

from odoo.models import MetaModel
from odoo.orm.model_classes import add_to_registry
from odoo.tools.convert import convert_xml_import

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
ADDON = "customer_success"
EXAMPLE = "customer_success_example"


def blocks(section: str, language: str) -> list[str]:
    """Return the fenced code blocks in this language of one ``## `` section of the page, in their order."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2]))[section]
    return re.findall(rf"^```{language}\n(.*?)^```$", found, flags=re.MULTILINE | re.DOTALL)


def load_python(case, source: str, module: str) -> dict:
    """Execute ``source`` as the file ``module`` of the addon would be; return its names.

    Models that it extends are put into the registry for the length of one test.
    """
    known = MetaModel._module_to_models__[ADDON]
    before = len(known)
    name = f"odoo.addons.{ADDON}.{module}"
    names = {"__name__": name, "__package__": name.rpartition(".")[0]}
    exec(compile(source, module, "exec"), names)
    definitions = known[before:]
    del known[before:]  # a registry that is loaded later knows nothing of them
    if definitions:
        models = sorted({definition._name for definition in definitions})
        for name in models:
            model = case.registry[name]
            case.addCleanup(setattr, model, "_base_classes__", model._base_classes__)
        for definition in definitions:
            add_to_registry(case.registry, definition)
        case.env.flush_all()
        case.registry._setup_models__(case.env.cr, models)
        case.env.invalidate_all()
    return names


def load_data(case, source: str, addon: str = ADDON) -> None:
    """Load ``source`` as a data file of the addon."""
    file = BytesIO(source.encode())
    file.name = PAGE.name
    convert_xml_import(case.env, addon, file, {}, "init", True)


def run_file(case, source: str) -> dict:
    """Run ``source`` as a file of an addon of its own until the test is over, and return what it defines.

    Its models are added to the registry, and to the database where they store something, as if the addon were installed.
    """
    registry, cr = case.registry, case.env.cr
    known = MetaModel._module_to_models__
    case.addCleanup(known.pop, EXAMPLE, None)
    known.pop(EXAMPLE, None)
    namespace = {"__name__": f"odoo.addons.{EXAMPLE}.models.example"}
    exec(compile(source, str(PAGE), "exec"), namespace)
    definitions = known[EXAMPLE]
    names = [definition._name for definition in definitions]
    changed = {
        name: (registry[name], registry[name]._base_classes__)
        for name in registry.descendants([n for n in names if n in registry], "_inherit")
    }
    children = {name: list(model._inherit_children) for name, model in registry.models.items()}

    def undo():
        for name, before in children.items():
            registry[name]._inherit_children = type(registry[name]._inherit_children)(before)
        for model, bases in changed.values():
            model._base_classes__ = bases
        for name in set(registry.models) - set(children):
            del registry.models[name]
        registry._setup_models__(cr, list(changed))

    case.addCleanup(undo)
    for definition in definitions:
        add_to_registry(registry, definition)
    registry._setup_models__(cr, names)
    # A field of an abstract model is a column of the models that inherit from it.
    stored = list(registry.descendants(names, "_inherit"))
    registry.init_models(cr, stored, {"module": EXAMPLE})
    return namespace
