"""What students' code sees and can write to, looked at from inside: as the one who runs the tests and, for root, as another too."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tools.grading.sandbox import SCRATCH_SIZE, SYSTEM, command, level, show_packages
from tools.project import CACHE, PROJECT

NOBODY = 65534
#: Runs JavaScript in the sandbox and gives the value of its last expression.
Run = Callable[[str], object]

pytestmark = pytest.mark.skipif(
    level() != "network and files", reason="NO BUBBLEWRAP HERE: not looked out of the sandbox"
)


@pytest.fixture(params=["as the one who runs the tests", "as nobody"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A sandbox."""
    prefix = []
    if request.param == "as nobody":
        if os.getuid() != 0:
            pytest.skip("only root can run something as another")
        prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if subprocess.run([*prefix, "test", "-r", PROJECT / "package.json"]).returncode != 0:
            pytest.skip("the project's folder is not open to others")
    folders = [CACHE / "sandbox-test" / name for name in ("packages", "sockets", "scratch")]
    for folder in folders:
        folder.mkdir(parents=True)
        if prefix:
            os.chown(folder, NOBODY, NOBODY)
    packages, sockets, scratch = folders
    shown = show_packages(packages)

    def run(script: str) -> object:
        code = f"console.log(JSON.stringify(eval({json.dumps(script)})))"
        argv = command(["node", "-e", code], {}, shown, [sockets], scratch)
        result = subprocess.run([*prefix, *argv], cwd="/", capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    yield run
    shutil.rmtree(CACHE / "sandbox-test")


LIST = """
const fs = require("fs"), path = require("path");
const list = (folder, skip) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const place = path.join(folder, entry.name);
  return skip.includes(place) ? [] : entry.isDirectory() ? list(place, skip) : [place];
});
"""


def test_of_the_project_the_compiled_packages_are_seen_and_nothing_else(run: Run) -> None:
    project = json.dumps(str(PROJECT))
    skip = "['node_modules', '.cache'].map((name) => path.join(project, name))"
    seen = run(f"{LIST} const project = {project}; list(project, {skip})")
    names = [os.path.relpath(path, PROJECT) for path in seen]
    assert {
        "package.json",
        "src/library/package.json",
        "src/library/dist/index.js",
        "src/kernel/dist/launch.js",
    } <= {*names}
    for name in names:
        allowed = ("src/library/dist/", "src/library/data/", "src/library/display/fonts/", "src/kernel/dist/")
        assert name.startswith(allowed) or name.endswith("package.json"), name
        assert ".test." not in name
        assert not name.endswith(".ts") or name.endswith(".d.ts"), name


def test_a_project_in_a_folder_of_the_system_is_seen_no_further(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.grading.sandbox.SYSTEM", [*SYSTEM, str(PROJECT.parent)])
    project = json.dumps(str(PROJECT))
    seen = run(f"const fs = require('fs'); [fs.readdirSync({project}), fs.readdirSync({project} + '/src')]")
    assert {*seen[0]} <= {".cache", "node_modules", "package.json", "src"}
    assert {*seen[1]} == {"library", "kernel"}
    assert run(f"try {{ require('fs').writeFileSync({project} + '/x', ''); 1 }} catch {{ 0 }}") == 0


def test_of_the_cache_the_c_library_is_seen_and_an_empty_scratch_folder(run: Run) -> None:
    seen = run(f"require('fs').readdirSync({json.dumps(str(CACHE))})")
    assert [name for name in seen if not name.startswith("libtensorflow-")] == ["sandbox-test"]
    assert run(f"require('fs').readdirSync({json.dumps(str(CACHE / 'sandbox-test'))}).sort()") == [
        "scratch",
        "sockets",
    ]
    assert run("require('fs').readdirSync('.')") == []


def test_of_the_system_programs_are_seen_and_no_homes_and_settings(run: Run) -> None:
    top = {*run("require('fs').readdirSync('/')")}
    system = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "etc", "dev", "proc", "tmp"}
    assert top - system == {PROJECT.parts[1]} - system
    assert {*run("require('fs').readdirSync('/etc')")} <= {"ld.so.cache", "localtime"}
    assert run("Object.keys(require('os').networkInterfaces()).filter((name) => name !== 'lo')") == []


def test_no_other_process_is_seen(run: Run) -> None:
    assert len(run("require('fs').readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))")) <= 3


def test_nothing_can_be_written_to_but_scratch_and_sockets(run: Run) -> None:
    # Empty but for what is bound into them. Of a project in /tmp they are in memory, as all of /tmp is.
    between = [PROJECT, CACHE, PROJECT / "src"]
    bound = [PROJECT / "node_modules", PROJECT / "src/library/dist"]
    read_only = ["/", "/dev", "/etc", "/usr", *bound]
    if not PROJECT.is_relative_to("/tmp"):
        read_only += between
    write = """(() => { try { require("fs").writeFileSync(place + "/by-a-student", "x"); return "written"; }
      catch (error) { return error.code; } })()"""
    for place in read_only:
        assert run(f"const place = {json.dumps(str(place))}; {write}") == "EROFS", place
    for place in between:
        run(f"const place = {json.dumps(str(place))}; {write}")
        assert not (place / "by-a-student").exists()
    for place in ["/tmp", ".", CACHE / "sandbox-test" / "sockets"]:
        assert run(f"const place = {json.dumps(str(place))}; {write}") == "written"
    assert list((CACHE / "sandbox-test" / "scratch").iterdir()) == []


@pytest.mark.parametrize("place", ["/tmp", "."])
def test_scratch_has_a_size(run: Run, place: str) -> None:
    write = f"""(() => {{ const fs = require("fs"); const file = fs.openSync("{place}/large", "w"); let size = 0;
      const megabyte = Buffer.alloc(1e6, 1);
      try {{ for (let i = 0; i < {2 * SCRATCH_SIZE // 1_000_000}; i++) size += fs.writeSync(file, megabyte); }}
      catch (error) {{ return [error.code, size]; }} return ["no end", size]; }})()"""
    code, size = run(write)
    assert code == "ENOSPC"
    assert 0.9 * SCRATCH_SIZE < size <= 1.01 * SCRATCH_SIZE


def test_what_is_read_only_cannot_be_made_writable(run: Run) -> None:
    script = f"""(() => {{ const {{ spawnSync }} = require("child_process");
      const sh = (command) => spawnSync("/bin/sh", ["-c", command], {{ encoding: "utf8" }}).status;
      const library = {json.dumps(str(PROJECT / "src" / "library"))};
      return [
        sh("mount -o remount,bind,rw " + library),
        sh("unshare --user --map-root-user --mount -- mount -o remount,bind,rw " + library),
        sh("umount " + library), sh("mount --bind /tmp " + library), sh("chroot / true"),
        sh("unshare --user --map-root-user --mount -- umount " + library),
        sh("touch " + library + "/by-a-student"), sh("echo 1 > /proc/sys/kernel/ns_last_pid"),
      ]; }})()"""
    assert 0 not in run(script)
    capabilities = run(
        "require('fs').readFileSync('/proc/self/status', 'utf8').match(/Cap(?:Prm|Eff|Bnd):\\t(\\w+)/g)"
    )
    assert [int(line.split("\t")[1], 16) for line in capabilities] == [0, 0, 0]
