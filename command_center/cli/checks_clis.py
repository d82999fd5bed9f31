"""What `acc doctor` asks about the agent CLIs."""

import os
from concurrent.futures import ThreadPoolExecutor

from command_center.cli.checks import note, ok, problem, said_version, version_of
from command_center.cli.reports import Finding
from command_center.domain.errors import LaunchError
from command_center.domain.places import Places
from command_center.domain.specs import AgentSpec
from command_center.engine.recipes import find_binary
from command_center.store.catalog import load_catalog

OWN = frozenset({"demo", "shell"})
"""Specs that are always there and no reason to be content."""


def clis(places: Places) -> list[Finding]:
    specs = list(load_catalog(places).specs.values())
    with ThreadPoolExecutor(max(1, len(specs))) as pool:
        findings = list(pool.map(_cli, specs))
    real = [f for s, f in zip(specs, findings, strict=True) if s.id not in OWN]
    if real and all(finding.level != "ok" for finding in real):
        text = "none is installed yet; `acc demo` works without"
        findings.append(note("agents", text, "install one of those above"))
    return findings


def _cli(spec: AgentSpec) -> Finding:
    try:
        binary = find_binary(spec, os.environ)
    except LaunchError as error:
        missing = str(error).partition(";")[0]
        return note(spec.id, missing, spec.install or "install it, or set its path in its spec")
    version = said_version(binary, spec.binary.version) if spec.binary.version else ""
    number, minimum = version_of(version), version_of(spec.binary.minimum)
    if number and number < minimum:
        text = f"{version} is older than {spec.binary.minimum}"
        return problem(spec.id, text, spec.install or f"update {binary}")
    if not version and spec.binary.version:
        asked = " ".join((binary, *spec.binary.version))
        return note(spec.id, f"{binary} does not say its version", asked)
    badge = f" ({spec.badge})" if spec.badge else ""
    return ok(spec.id, f"{version or 'installed'} at {binary}{badge}")
