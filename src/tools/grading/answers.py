"""Has a submission's kernel answer a judge's questions."""

import json

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools.grading.judge import AnswerError

#: How often to look whether the kernel is alive, in milliseconds.
PERIOD = 500
#: What of an error is kept, in characters.
LONGEST = 10_000
#: A cell that answers questions about a name, until an empty one. It asks for them as cells ask a reader.
CELL = 'await (await import("vanishing-gradients")).answerQuestions(() => %s, (globalThis as any).prompt);'


class Answers:
    """Answers about one submission, while one test runs."""

    def __init__(self, km: AsyncKernelManager, kc: AsyncKernelClient) -> None:
        self._km, self._kc = km, kc
        self._name = self._request = None
        self._poller = zmq.asyncio.Poller()
        for channel in (kc.stdin_channel, kc.shell_channel):
            self._poller.register(channel.socket, zmq.POLLIN)
        #: What the student's code threw last.
        self.error: NotebookNode | None = None

    async def ask(self, question: str) -> str:
        """What the kernel replies to a question. Fails with AnswerError if the student's code does."""
        name = json.loads(question)["value"]["name"]
        if name != self._name:
            await self.end()
            self._name = name
            self._request = self._kc.execute(
                CELL % name, silent=True, store_history=False, allow_stdin=True, stop_on_error=False
            )
            await self._reply()
        self._kc.input(question)
        return await self._reply()

    async def end(self) -> None:
        """Lets the kernel know that it is asked no more."""
        if self._name is not None:
            self._kc.input("")
            while await self._next() is not None:
                self._kc.input("")

    async def _reply(self) -> str:
        reply = await self._next()
        if reply is None:
            raise AnswerError("the answer ended without a reply")
        return reply

    async def _next(self) -> str | None:
        """The next reply; None if there are no more."""
        while True:
            waiting = dict(await self._poller.poll(PERIOD))
            if self._kc.stdin_channel.socket in waiting:
                message = await self._kc.get_stdin_msg()
                if message["parent_header"].get("msg_id") == self._request:
                    return str(message["content"].get("prompt"))
                # A reply to an earlier question, which failed before it was read.
                continue
            if self._kc.shell_channel.socket not in waiting:
                if not await self._km.is_alive():
                    raise DeadKernelError("the kernel ended")
                continue
            message = await self._kc.get_shell_msg()
            if message["parent_header"].get("msg_id") == self._request:
                self._name = None
                content = message["content"]
                if content.get("status") == "ok":
                    return None
                name, value = str(content.get("ename"))[:100], str(content.get("evalue"))[:LONGEST]
                lines = [str(line)[:LONGEST] for line in content.get("traceback", [])[:100]]
                self.error = new_output("error", ename=name, evalue=value, traceback=lines)
                raise AnswerError(f"{name}: {value}")
