"""./dev lint: the hooks of .pre-commit-config.yaml, run on the whole tree."""

import subprocess

from . import addons, node, paths, venv, wings, xml_checks
from .console import Trouble, locked, say


def run(hook="", arguments=(), *, fix=False):
    """Run one hook or all of them; True when nothing was found."""
    with locked():
        venv.ensure()
    if hook and hook not in HOOKS:
        raise Trouble(f"there is no hook {hook}", f"one of: {', '.join(HOOKS)}")
    clean = True
    for name in [hook] if hook else HOOKS:
        try:
            result = "ok" if HOOKS[name](list(arguments), fix) else "FOUND SOMETHING"
        except Trouble as trouble:  # the other hooks still run
            say(trouble.line())
            result = "DID NOT RUN"
        say(f"{name:<12} {result}")
        clean = clean and result == "ok"
    return clean


def _tool(*command):
    """A program of the virtual environment, on the repository; what it finds goes to the screen."""
    program = [paths.VENV / "bin" / command[0], *command[1:]]
    return subprocess.run(program, cwd=paths.ROOT, env=venv.environment()).returncode == 0


def _ruff_check(arguments, fix):
    return _tool(
        "ruff",
        "check",
        "--quiet",
        "--output-format=concise",
        *(["--fix"] if fix else []),
        *arguments,
        ".",
    )


def _ruff_format(arguments, fix):
    return _tool(
        "ruff", "format", "--quiet", *([] if fix else ["--check", "--diff"]), *arguments, ".", "dev"
    )


def _pylint_odoo(arguments, _fix):
    directories = [*addons.all_addons([paths.ROOT])]
    return not directories or _tool("pylint", "--jobs=2", *arguments, *directories)


# What oca-checks-odoo-module finds and we do not mind: matters of taste, what a store asks of a listing, and unlisted
# files, for which xml_checks looks in every folder.
XML_DISABLED = (
    "file-not-used",
    "prefer-readme-rst",
    "weblate-component-too-long",
    "xml-field-numeric-without-eval",
    "xml-header-wrong",
    "xml-tag-position",
)


def _xml(_arguments, _fix):
    ours = addons.all_addons([paths.ROOT]).values()
    directories = [str(addon.path.relative_to(paths.ROOT)) for addon in ours]
    disabled = f"--disable={','.join(XML_DISABLED)}"
    clean = _tool("oca-checks-odoo-module", disabled, *directories)
    findings = [line for addon in ours for line in xml_checks.check(addon.path)]
    for line in findings:
        say(line)
    return clean and not findings


def _wings(_arguments, fix):
    if fix:
        wings.write_page()
    findings = [*wings.findings()]
    for line in findings:
        say(line)
    return not findings


def _scripts():
    """Return the directories that hold JavaScript of ours, those of the addons and the settings of its lint."""
    static = (addon.path / "static" for addon in addons.all_addons([paths.ROOT]).values())
    found = [path for path in static if any(path.rglob("*.js"))]
    return [str(path.relative_to(paths.ROOT)) for path in [*found, node.SETTINGS]]


def _eslint(arguments, fix):
    with locked():
        node.ensure()
    config = f"--config={paths.NODE / 'eslint.config.js'}"
    more = ["--fix"] if fix else []
    return node.run("eslint", config, "--max-warnings=0", *more, *arguments, *_scripts())


def _prettier(arguments, fix):
    with locked():
        node.ensure()
    config = f"--config={paths.NODE / 'prettier.json'}"
    mode = "--write" if fix else "--check"
    files = [f"{directory}/**/*.js" for directory in _scripts()]
    return node.run("prettier", config, "--log-level=warn", mode, *arguments, *files)


HOOKS = {
    "ruff-check": _ruff_check,
    "ruff-format": _ruff_format,
    "pylint-odoo": _pylint_odoo,
    "xml": _xml,
    "wings": _wings,
    "eslint": _eslint,
    "prettier": _prettier,
}
