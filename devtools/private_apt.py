"""Debian packages without root: apt with a state directory of its own inside .dev/.

The machine's apt set-up is read (mirror, proxies, credentials) and never changed. Signatures are verified as apt does.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .console import Trouble, call, step

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.pgp",
    "/usr/share/keyrings/debian-archive-keyring.gpg",
)
SUITES = ("unstable", "bookworm")
# Settings of the machine that apt needs to reach its mirror. Hooks, above all those that delete
# caches or talk to the desktop, are for the machine's own apt and stay out.
KEPT_SETTINGS = re.compile(
    r"^(Acquire::|APT::Architecture|APT::Compressor|Dir::Bin|Dir::Etc::(netrc|trusted))"
)
NEED = "set ODOO_SOURCE to a checkout of Odoo 19.0 instead"


def available():
    """Return True on a Debian machine with apt."""
    tools = all(shutil.which(tool) for tool in ("apt-get", "apt-config", "dpkg-deb"))
    return tools and mirror() is not None


def mirror():
    """The address of the Debian mirror that the machine itself uses, or None."""
    lines = _output(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)"]).splitlines()
    addresses = [line.split("|", 1)[1] for line in lines if line.startswith("Debian|")]
    addresses += _configured_addresses() if not addresses else []
    # The security archive has its own tree without the other suites.
    plain = [address for address in addresses if "security" not in address]
    return plain[0] if plain else None


def _configured_addresses():
    """Mirrors named in the source lists: before a first `apt-get update`, indextargets knows no origin."""
    lines = _output(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).splitlines()
    try:
        is_debian = "\nID=debian" in "\n" + Path("/etc/os-release").read_text()
    except OSError:
        is_debian = False
    return lines if is_debian else []


def fetch(packages, target, title):
    """Download `packages` and unpack them all into the directory `target`."""
    downloads = paths.APT / "archives"
    with step(f"{title}: reading Debian's package lists"):
        _update()
    downloads.mkdir(parents=True, exist_ok=True)
    with step(f"{title}: downloading {len(packages)} Debian package(s)"):
        for old in downloads.glob("*.deb"):
            old.unlink()
        _apt("apt-get", "download", *packages, log="apt-download.log", cwd=downloads)
    with step(f"{title}: unpacking"):
        for deb in sorted(downloads.glob("*.deb")):
            call(["dpkg-deb", "-x", deb, target], log="dpkg-deb.log", doing=f"unpacking {deb.name}")
            deb.unlink()


def _update():
    uri = mirror()
    if uri is None:
        raise Trouble("apt knows no Debian mirror on this machine", NEED)
    keyring = next((path for path in KEYRINGS if os.path.exists(path)), None)
    option = f"[signed-by={keyring}] " if keyring else ""
    for directory in ("lists/partial", "cache/archives/partial"):
        (paths.APT / directory).mkdir(parents=True, exist_ok=True)
    lines = [f"deb {option}{uri} {suite} main\n" for suite in SUITES]
    (paths.APT / "sources.list").write_text("".join(lines))
    _write_config()
    _apt("apt-get", "update", "-o", "APT::Update::Error-Mode=any", log="apt-update.log")


def _write_config():
    kept = [
        line for line in _output(["apt-config", "dump"]).splitlines() if KEPT_SETTINGS.match(line)
    ]
    state = paths.APT
    kept += [
        f'Dir::State "{state}";',
        'Dir::State::lists "lists/";',
        'Dir::State::status "/dev/null";',
        f'Dir::Cache "{state}/cache";',
        f'Dir::Etc::sourcelist "{state}/sources.list";',
        'Dir::Etc::sourceparts "/dev/null";',
        'Dir::Etc::preferences "/dev/null";',
        'Dir::Etc::preferencesparts "/dev/null";',
        'Dir::Etc::main "/dev/null";',
        'Dir::Etc::parts "/dev/null";',
        'Acquire::Languages "none";',
        'APT::Get::AllowUnauthenticated "false";',
        'Acquire::AllowInsecureRepositories "false";',
        'Acquire::Retries "2";',
    ]
    if os.geteuid() == 0:
        # apt would drop to a user that cannot write below .dev/.
        kept.append('APT::Sandbox::User "root";')
    (paths.APT / "apt.conf").write_text("\n".join(kept) + "\n")


def _apt(*command, log, cwd=None):
    call(
        command,
        log=log,
        doing="fetching Debian packages",
        mend=f"check the network and run again (output in {paths.LOGS / log}), or {NEED}",
        env={**os.environ, "APT_CONFIG": str(paths.APT / "apt.conf"), "LC_ALL": "C"},
        cwd=cwd,
    )


def _output(command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout
