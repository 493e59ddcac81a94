"""A real JupyterHub with three real users of the system, whose notebooks lie in their home folders.

It needs root, for users are made, and is left out elsewhere. The hub is installed to a folder of its own.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil
import pytest

from tools.project import PROJECT

HUB = ["jupyterhub==6.1.1", "jupyterlab==4.6.6"]
PROXY = "configurable-http-proxy@5.3.0"
USERS = ["vgada", "vgbob", "vgcem"]
TOKEN = uuid.uuid4().hex
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = ["{venv}/bin/jupyterhub-singleuser"]
c.Spawner.environment = {{"PATH": "{venv}/bin:/usr/bin:/bin"}}
c.Spawner.notebook_dir = "~"
c.JupyterHub.services = [{{"name": "test", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{"name": "test", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["test"]}}]
"""


def python_for_all() -> str | None:
    """A Python that all users can start: root's own may lie in root's home."""
    for path in map(Path, (sys.executable, "/usr/bin/python3")):
        if path.exists() and all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents):
            return str(path.resolve())
    return None


PYTHON = python_for_all()
pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or os.getuid() != 0 or shutil.which("useradd") is None,
        reason="users of the system can be made by root on Linux alone",
    ),
    pytest.mark.skipif(PYTHON is None, reason="there is no Python that all users can start"),
]

#: The README's example, and who runs it.
LESSON = re.search(r"```ts\n(import.*?)```", (PROJECT / "README.md").read_text("utf-8"), re.S)[1] + (
    "console.log(record.steps.length > 50, process.getuid!());"
)


@dataclass
class Hub:
    """A hub that runs."""

    port: int
    folder: Path

    def ask(
        self, path: str, token: str = TOKEN, method: str = "GET", body: object = None
    ) -> tuple[int, object]:
        """A request to the hub or to a user's server. Gives status and content."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {token}"}
        request = Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urlopen(request, timeout=60) as reply:
                text = reply.read()
                return reply.status, json.loads(text) if text else None
        except HTTPError as error:
            return error.code, error.read().decode()

    def run(self, user: str, token: str, code: list[str]) -> list[str]:
        """Runs cells of a notebook in a user's home folder, as JupyterLab does. Gives what each printed or threw."""
        python = self.folder / "venv" / "bin" / "python"
        address = f"http://127.0.0.1:{self.port}/user/{user}"
        run = subprocess.run(
            [python, Path(__file__).with_name("run_cells.py"), address, token],
            input=json.dumps(code),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """A hub with kernel and library installed for all users, and the users."""
    # The folder must be one that all users can get to.
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    folder.chmod(0o755)
    process = None
    try:
        venv = folder / "venv"
        must(PYTHON, "-m", "venv", venv)
        # The pip of an old Python can take very long to find versions that fit.
        pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python"]
        must(*pip, "install", "-q", *HUB)
        must(
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            folder,
            PROXY,
        )
        must("npm", "run", "--silent", "classroom", "--", "install", venv)
        for user in USERS:
            must("useradd", "--create-home", "--shell", "/bin/bash", user)
            home = Path("~" + user).expanduser()
            home.chmod(0o700)
            (home / "mine.ipynb").write_text("{}")
            shutil.chown(home / "mine.ipynb", user)
        port, hub_port, proxy_port = free_ports(3)
        config = folder / "jupyterhub_config.py"
        proxy = folder / "node_modules" / ".bin" / "configurable-http-proxy"
        config.write_text(
            CONFIG.format(
                port=port, hub_port=hub_port, proxy_port=proxy_port, proxy=proxy, venv=venv, token=TOKEN
            )
        )
        with (folder / "hub.log").open("wb") as log:
            process = subprocess.Popen(
                [venv / "bin" / "jupyterhub", "-f", config], cwd=folder, stdout=log, stderr=log
            )
        made = Hub(port, folder)
        wait_for(lambda: made.ask("/hub/api/")[0] == 200, process, folder / "hub.log")
        yield made
    finally:
        if process is not None:
            family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            for each in family:
                each.terminate()
            for each in psutil.wait_procs(family, timeout=10)[1]:
                each.kill()
        for user in USERS:
            subprocess.run(["pkill", "-9", "-u", user], capture_output=True)
            subprocess.run(["userdel", "--remove", user], capture_output=True)
        shutil.rmtree(folder)


def must(*command: object) -> None:
    """Runs a command that has to succeed."""
    run = subprocess.run(list(map(str, command)), cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(is_true: object, process: subprocess.Popen, log: Path) -> None:
    """Waits until something holds."""
    end = time.monotonic() + 60
    while True:
        try:
            if is_true():
                return
        except (URLError, OSError):
            pass
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.3)


def test_three_users_run_a_lesson_outside_the_clone_and_none_reads_another_s_files(hub: Hub) -> None:
    tokens = {}
    for user in USERS:
        hub.ask(f"/hub/api/users/{user}", method="POST")
        status, said = hub.ask(f"/hub/api/users/{user}/server", method="POST")
        assert status in (201, 202), f"{said}\n{(hub.folder / 'hub.log').read_text()[-5000:]}"
    for user in USERS:
        wait_for_server(hub, user)
        status, made = hub.ask(f"/hub/api/users/{user}/tokens", method="POST", body={"note": "test"})
        assert status == 201
        tokens[user] = made["token"]
    for user, other in zip(USERS, [*USERS[1:], USERS[0]], strict=True):
        home, theirs = (Path("~" + name).expanduser() for name in (user, other))
        read = 'import { readFileSync } from "node:fs"; readFileSync(FILE).length'
        lesson, own, foreign, package = hub.run(
            user,
            tokens[user],
            [
                LESSON,
                read.replace("FILE", f'"{home}/mine.ipynb"'),
                read.replace("FILE", f'"{theirs}/mine.ipynb"'),
                'import { writeFileSync } from "node:fs"; writeFileSync(require.resolve("vanishing-gradients"), "")',
            ],
        )
        assert lesson.splitlines()[-1] == f"true {home.stat().st_uid}", lesson
        assert own == "2"
        assert "EACCES" in foreign, foreign
        assert "EACCES" in package, package
        assert hub.ask(f"/user/{user}/api/contents/mine.ipynb?type=file", tokens[user])[0] == 200
        assert hub.ask(f"/user/{other}/api/contents/mine.ipynb?type=file", tokens[user])[0] == 403
        assert hub.ask(f"/user/{other}/api/kernels", tokens[user])[0] == 403
    memory = [memory_of(user) for user in USERS]
    print(f"memory of a user after the lesson's network: {', '.join(f'{size:.0f} MB' for size in memory)}")


def wait_for_server(hub: Hub, user: str) -> None:
    """Waits until a user's server answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, found = hub.ask(f"/hub/api/users/{user}")
        if isinstance(found, dict) and found.get("servers", {}).get("", {}).get("ready"):
            return
        time.sleep(0.3)
    raise AssertionError((hub.folder / "hub.log").read_text()[-5000:])


def memory_of(user: str) -> float:
    """What a user's processes take together, in MB; what they share counts once."""
    processes = [each for each in psutil.process_iter() if each.username() == user]
    return sum(each.memory_full_info().pss for each in processes) / 1e6


def test_an_installation_is_taken_away(hub: Hub) -> None:
    prefix = hub.folder / "other"
    prefix.mkdir()
    must("npm", "run", "--silent", "classroom", "--", "install", prefix)
    assert (prefix / "share/jupyter/kernels/tslab/kernel.json").exists()
    must("npm", "run", "--silent", "classroom", "--", "remove", prefix)
    assert [path for path in prefix.rglob("*") if path.is_file()] == []
