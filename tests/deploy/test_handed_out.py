"""What we hand out for running the desk names commands, paths and numbers that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from deskbell import cli, environment
from tests.laws.sources import ROOT, tracked_files

DEPLOY = ROOT / "deploy"
SERVICE = (DEPLOY / "deskbell.service").read_text()
CONTAINER = (DEPLOY / "Containerfile").read_text()

ANALYZE = shutil.which("systemd-analyze")
WITH_SYSTEMD = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")

MEGABYTE = 1 << 20


def instructions(name: str) -> list[str]:
    """Return what follows `name` in the Containerfile, lines that go on put together."""
    whole = CONTAINER.replace("\\\n", " ")
    return re.findall(rf"^\s*{name} (.*)", whole, re.MULTILINE)


def runs(words: list[str]) -> cli.Command:
    """Return the command that these words run.  SystemExit when there is none."""
    command: cli.Command = cli._parser().parse_args(words).command
    return command


def test_the_service_runs_a_command_that_there_is() -> None:
    [line] = re.findall(r"^ExecStart=(.*)", SERVICE, re.MULTILINE)
    program, *words = shlex.split(line)
    assert Path(program).name in scripts()
    assert runs(words).name == "serve"
    assert f"RestartPreventExitStatus={cli.WRONG_SETTING}" in SERVICE
    [data] = re.findall(r"DESKBELL_DATA=(\S+)", SERVICE)
    assert data == "/var/lib/deskbell"
    assert "StateDirectory=deskbell" in SERVICE


@WITH_SYSTEMD
def test_systemd_finds_nothing_wrong_with_the_service(tmp_path: Path) -> None:
    unit = tmp_path / "deskbell.service"
    unit.write_text(SERVICE.replace("/opt/deskbell/bin/deskbell", "/bin/true"))
    done = subprocess.run(
        [ANALYZE or "", "verify", unit], capture_output=True, text=True, check=False
    )
    if "Failed to" in done.stderr and "unit" not in done.stderr:
        pytest.skip(f"systemd-analyze cannot work here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")


@WITH_SYSTEMD
def test_the_service_may_do_little(tmp_path: Path) -> None:
    unit = tmp_path / "deskbell.service"
    unit.write_text(SERVICE)
    words = [ANALYZE or "", "security", "--offline=true", "--threshold=25", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is older than 250")
    assert done.returncode == 0, done.stdout[-300:]


def test_the_container_copies_what_there_is_and_runs_what_there_is() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    for line in instructions("COPY"):
        *sources, _target = line.split()
        for source in sources:
            assert source in there or any(name.startswith(f"{source}/") for name in there), source
    [entry], [words] = instructions("ENTRYPOINT"), instructions("CMD")[-1:]
    assert json.loads(entry)[0] in scripts()
    assert runs(json.loads(words)).name == "serve"
    ports = {word.rpartition(":")[2] for word in json.loads(words) if ":" in word}
    assert ports == set(instructions("EXPOSE")[0].split())
    for word in re.findall(r"podman exec deskbell deskbell (\w+)", CONTAINER):
        assert runs([word]).name == word
    assert instructions("FROM") == ["docker.io/library/python:3.11-slim-bookworm"]


def test_the_container_is_not_run_by_root() -> None:
    assert instructions("USER") == ["deskbell"]
    assert "DESKBELL_DATA=/data" in CONTAINER
    assert instructions("VOLUME") == ["/data"]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_lets_the_desk_refuse_what_is_too_large(name: str) -> None:
    text = (DEPLOY / name).read_text()
    [size] = re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)
    assert int(size) * MEGABYTE > settings.BODY_LIMIT_BYTES
    assert environment.DEFAULT_HTTP in text
    named = set(re.findall(r"DESKBELL_[A-Z]+", text))
    assert named == {"DESKBELL_URL", "DESKBELL_PROXIES"}


def scripts() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return set(project["scripts"])
