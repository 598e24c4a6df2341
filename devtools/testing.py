"""./dev test: our own tests, the addon's in two runs, its bridges' in one, and a count that leaves nobody out."""

import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass

from . import addons, checklog, odoo, paths, programs, templates, verdict
from .console import Trouble, remove, say

SCRIPT = paths.SCRIPTS / "odoo_tests.py"
PREFIX = f"cs_test_{paths.CHECKOUT_ID}_"
PROGRESS_SECONDS = 15
KEPT_RUNS = 5


@dataclass(frozen=True)
class Run:
    """One database, and whose tests are run in it."""

    name: str
    title: str
    tested: dict
    below: dict = None
    demo: bool = False

    @property
    def installed(self):
        return {**(self.below or {}), **self.tested}

    def template(self, instance):
        return (
            templates.for_bridges(instance)
            if self.below
            else templates.base(instance, demo=self.demo)
        )

    def has(self, test):
        return test["addon"] in self.tested and test["demo"] == self.demo


def run(tags=""):
    """Run the tests; True when every one passed. Prints `N passed, N failed` last, whatever happens."""
    outcome = verdict.Outcome()
    try:
        _run_own(outcome, tags)
        _run_odoo(outcome, tags)
    except Trouble as trouble:
        outcome.fail("./dev test", trouble.line())
    except OSError as error:
        outcome.fail("./dev test", f"{error}: see that {paths.STATE} can be written and has room")
    except KeyboardInterrupt:
        outcome.fail("./dev test", "stopped before the end")
    if outcome.failed:
        outcome.note(f"The whole log of Odoo is in {_log_directory()}")
    outcome.report(say)
    return not outcome.failed


def _run_own(outcome, tags):
    """The tests of ./dev itself; with --tags, the person is after certain tests of the addon."""
    if tags:
        return
    from . import own_tests

    started = time.monotonic()
    own_tests.run(outcome)
    say(f"  tests of ./dev itself: {time.monotonic() - started:.1f} s")


def _run_odoo(outcome, tags):
    main, bridges = addons.main(), addons.bridges()
    instance = odoo.set_up(bridges=bool(bridges))
    for name in list(bridges):
        missing = addons.missing(instance.source, bridges[name])
        if missing:
            outcome.fail(name, f"none of its tests can run: there is no addon {', '.join(missing)}")
            del bridges[name]
    # The addon must work alone, as most people install it; a bridge is tried with all the others.
    runs = [
        Run("bare", "without demo data", main),
        Run("demo", "with demo data", main, demo=True),
        Run("bridges", "of the bridges", bridges, below=main),
    ]
    tests = _plan(instance, [main, bridges], tags)
    selected = [test for test in tests if test["selected"]]
    if not selected:
        raise Trouble(
            f"no test is selected by {tags}" if tags else "the addon has no tests",
            "see ./dev test --help",
        )
    for need, program in (("browser", programs.CHROMIUM), ("office", programs.OFFICE)):
        if any(test[need] for test in selected):
            try:
                program.ensure()
            except Trouble as trouble:
                # The rest still runs; what needs it is skipped or fails, and counts as failed.
                outcome.note(trouble.line())
    _drop_leftovers(instance.databases)
    for run in runs:
        planned = {test["name"] for test in selected if run.has(test)}
        # Without --tags an installation is itself a test: it must not log a warning.
        if planned or (run.tested and not tags):
            _run_on_copy(instance, run, planned, tags, outcome)
    if not tags:
        for test in tests:
            if not test["selected"] or not any(run.has(test) for run in runs):
                outcome.fail(test["name"], "exists, but its tags keep it out of every run")


def _plan(instance, groups, tags):
    """The tests that exist, each with whether it is selected."""
    names = [",".join(group) for group in groups if group]
    command = [paths.PYTHON, SCRIPT, "--plan", ";".join(names), tags]
    done = subprocess.run(command, capture_output=True, text=True, env=instance.environment())
    lines = [line for line in done.stdout.splitlines() if line.startswith("PLAN ")]
    if done.returncode or not lines:
        reason = (done.stderr.strip() or "no reason given").splitlines()
        log = paths.LOGS / "test-plan.log"
        log.write_text(done.stdout + done.stderr)
        raise Trouble(f"the addon's tests cannot be read: {reason[-1]}", f"see {log}")
    return json.loads(lines[-1].removeprefix("PLAN "))


def _drop_leftovers(databases):
    """Databases of test runs that were killed: the process named in their name is gone."""
    for name in databases.starting(PREFIX):
        pid = name.removeprefix(PREFIX).split("_")[0]
        if not os.path.exists(f"/proc/{pid}"):
            databases.drop(name)


def _log_directory():
    """A directory for this run alone: two may run side by side. The latest few stay to be read."""
    every = paths.LOGS / "test"
    mine = every / str(os.getpid())
    mine.mkdir(parents=True, exist_ok=True)
    latest = sorted(every.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in latest[:-KEPT_RUNS]:
        if not os.path.exists(f"/proc/{old.name}"):
            remove(old)
    return mine


def _run_on_copy(instance, run, planned, tags, outcome):
    template = run.template(instance)
    name = f"{PREFIX}{os.getpid()}_{run.name}"
    events = _log_directory() / f"{run.name}.events"
    log = events.with_suffix(".log")
    events.write_text("")
    spec = tags or (addons.DEMO_TAG if run.demo else ",".join(f"/{addon}" for addon in run.tested))
    arguments = [
        f"--database={name}",
        f"--init={','.join(run.installed)}",
        f"--test-tags={spec}",
        "--stop-after-init",
        f"--http-port={free_port()}",
        f"--screenshots={paths.LOGS / 'screenshots'}",
        "--max-cron-threads=0",
        *(["--with-demo"] if run.demo else []),
    ]
    env = {
        "CS_TEST_EVENTS": str(events),
        "CS_TEST_ADDONS": ",".join(run.tested),
        "CS_TEST_DEMO": "1" if run.demo else "0",
    }
    with instance.databases.temporary(name, template):
        process = instance.start(*arguments, log=log, script=SCRIPT, extra_env=env)
        try:
            _show_progress(process, events, run.title, len(planned))
        finally:
            odoo.finish(process)
    for record in checklog.findings(log):
        outcome.fail(f"log {run.title}: {checklog.name(record)}", record)
    outcome.read(events, run.title, planned, status=process.returncode, log=log)


def _show_progress(process, events, title, total):
    """A line on a terminal that changes, else one line every quarter minute."""
    live = os.isatty(1)
    started = shown = time.monotonic()
    with open(events) as stream:
        done, current, tail = set(), "installing", ""
        while process.poll() is None:
            time.sleep(0.2)
            *lines, tail = (tail + stream.read()).split("\n")
            for event in map(json.loads, lines):
                if event["event"] == "stop":  # told once more for each user of @users
                    done.add(event["name"])
                if event["event"] == "start":
                    current = ".".join(event["name"].split(".")[-2:])
            now = time.monotonic()
            if live:
                width = shutil.get_terminal_size().columns - 1
                print(
                    f"\r\033[K  {title}: {len(done)}/{total} {now - started:.0f} s {current}"[
                        : width + 4
                    ],
                    end="",
                    flush=True,
                )
            elif now - shown > PROGRESS_SECONDS:
                shown = now
                say(f"  {title}: {len(done)}/{total} tests, {now - started:.0f} s, {current}")
    if live:
        print("\r\033[K", end="")
    say(f"  tests {title}: {time.monotonic() - started:.1f} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
