"""Starts the kernel that was built from this folder, whatever is installed in the Python environment."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.kernel_client import PROJECT, Notebook, start

INSTALL = PROJECT / "src" / "kernel" / "dist" / "install.js"


@pytest.fixture(scope="session", autouse=True)
def kernelspec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Installs the kernel in a folder of its own, in which Jupyter looks first."""
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(["node", INSTALL, "--prefix", prefix], check=True, stdout=subprocess.PIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
        yield prefix / "share" / "jupyter" / "kernels" / "tslab" / "kernel.json"


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    """A kernel for a notebook in the folder of lessons."""
    started = start(PROJECT / "notebooks")
    yield started
    started.client.stop_channels()
    started.manager.shutdown_kernel()
