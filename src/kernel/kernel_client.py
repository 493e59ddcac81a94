"""A client of the kernel, for tests."""

import os
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

PROJECT = Path(__file__).parents[2]
# A bound against hanging, never a measure: a busy machine may be slow.
TIMEOUT = 120


class Notebook:
    """A kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def send(self, code: str, **options) -> str:
        """Asks for a cell to be run; gives the id of the request."""
        return self.client.execute(code, **options)

    def reply(self, request: str) -> dict:
        """Waits for the reply to a request; the replies to others are dropped."""
        while True:
            message = self.client.get_shell_msg(timeout=TIMEOUT)
            if message["parent_header"]["msg_id"] == request:
                return message["content"]

    def messages_until(self, request: str, kind: str, **content) -> list[dict]:
        """Reads what all clients are told, up to the first such message of this request."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            messages.append(message)
            same = message["parent_header"].get("msg_id") == request and message["msg_type"] == kind
            if same and all(message["content"].get(name) == value for name, value in content.items()):
                return messages

    def run(self, code: str, **options) -> tuple[dict, list[dict]]:
        """Runs a cell: its reply, and the messages that it caused, less those on the kernel's state."""
        request = self.send(code, **options)
        reply = self.reply(request)
        messages = self.messages_until(request, "status", execution_state="idle")
        own = [m for m in messages if m["parent_header"].get("msg_id") == request]
        return reply, [m for m in own if m["msg_type"] not in ("status", "execute_input")]

    def fails(self, code: str) -> dict:
        """Runs a cell that must fail, checks that it says so properly, and gives its error."""
        reply, messages = self.run(code, stop_on_error=False)
        assert reply["status"] == "error", (reply, messages)
        errors = [m["content"] for m in messages if m["msg_type"] == "error"]
        assert len(errors) == 1, messages
        assert {name: reply[name] for name in errors[0]} == errors[0]
        return errors[0]

    def result(self, code: str) -> str:
        """Runs a cell that must succeed, and gives the text of its result."""
        reply, messages = self.run(code)
        assert reply["status"] == "ok", reply
        results = [m["content"] for m in messages if m["msg_type"] == "execute_result"]
        assert len(results) == 1, messages
        assert results[0]["execution_count"] == reply["execution_count"]
        return results[0]["data"]["text/plain"]

    def succeeds(self, code: str) -> list[dict]:
        """Runs a cell that must succeed, and gives its messages."""
        reply, messages = self.run(code)
        assert reply["status"] == "ok", reply
        return messages


def start(folder: Path, **env: str) -> Notebook:
    """Starts a kernel for a notebook in a folder, with these variables beside the usual ones."""
    options = {"kernel_name": "tslab", "startup_timeout": TIMEOUT, "cwd": str(folder)}
    return Notebook(*start_new_kernel(env={**os.environ, **env}, **options))
