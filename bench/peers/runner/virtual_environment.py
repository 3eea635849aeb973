"""The virtual environment that holds the peers."""
import os
import pathlib
import subprocess
import sys

from .errors import Failure

REQUIREMENTS = pathlib.Path(__file__).resolve().parent.parent / "requirements.txt"


def pinned():
    """{package: version} of requirements.txt."""
    lines = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    return dict(line.split("==") for line in lines if line)


def installed(python):
    """{package: version} of an environment; empty where there is none."""
    if not python.exists():
        return {}
    code = "import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata['Name'].lower(), d.version)"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return dict(line.split() for line in answer.stdout.splitlines())


def run(command):
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} failed")


def python_with_peers(folder):
    """The environment's Python; the environment is made, and the pinned peers installed, where they are not there."""
    python = pathlib.Path(os.path.abspath(folder)) / "bin" / "python"  # not resolved: a link would leave the environment
    have = installed(python)
    missing = [f"{name}=={version}" for name, version in pinned().items() if have.get(name) != version]
    if not missing:
        return python
    print(f"bench/compare: installing into {folder}: {' '.join(missing)}", file=sys.stderr)
    if not have:
        run([sys.executable, "-m", "venv", folder])
    run([python, "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS])
    return python
