"""What a person types into a cell means what it says: cases after public bug reports of TypeScript and JavaScript kernels.

`cases.json` says what each cell is, and in words what is expected; the table here says it as a check.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from kernel.kernel_client import PROJECT, TIMEOUT, Notebook, start

CASES = {case["name"]: case for case in json.loads(Path(__file__).with_name("cases.json").read_text())}


class Ran:
    """What came of a case: the messages of each of its cells."""

    def __init__(self, notebook: Notebook, requests: list[str], messages: list[list[dict]]) -> None:
        self.notebook = notebook
        self.requests = requests
        self.messages = messages

    def contents(self, kind: str, cell: int = -1) -> list[dict]:
        return [m["content"] for m in self.messages[cell] if m["msg_type"] == kind]

    @property
    def result(self) -> str:
        """The value of the last cell."""
        assert self.contents("error") == []
        return self.contents("execute_result")[0]["data"]["text/plain"]

    @property
    def printed(self) -> str:
        """What the last cell printed."""
        assert self.contents("error") == []
        return "".join(content["text"] for content in self.contents("stream"))

    @property
    def error(self) -> str:
        """The traceback of the last cell."""
        [error] = self.contents("error")
        return "\n".join(error["traceback"])


def result_is(expected: str) -> Callable[[Ran], None]:
    def check(ran: Ran) -> None:
        assert ran.result == expected

    return check


def prints(expected: str) -> Callable[[Ran], None]:
    def check(ran: Ran) -> None:
        assert ran.printed == expected

    return check


def tells(*expected: str, lines: int = 100, never: str = "\0") -> Callable[[Ran], None]:
    def check(ran: Ran) -> None:
        assert all(text in ran.error for text in expected), ran.error
        assert len(ran.error.splitlines()) <= lines
        assert never not in ran.error

    return check


def shows_no_kernel(shown: str) -> None:
    assert not any(word in shown for word in ("kernel/dist", "node:", "ResourceStore", "async_id"))


def error_value(ran: Ran) -> None:
    assert ran.result.splitlines() == ["Error: value", f"    at cell [{count(ran)}]:3:1"]


def trace(ran: Ran) -> None:
    assert ran.printed.splitlines() == ["Trace: here", f"    at cell [{count(ran)}]:1:9"]


def count(ran: Ran) -> int:
    return ran.contents("execute_input")[0]["execution_count"]


def timer(ran: Ran) -> None:
    assert ran.result.startswith("Timeout {")
    shows_no_kernel(ran.result)


def can_be_saved(ran: Ran) -> None:
    outputs = [
        nbformat.v4.output_from_msg(m)
        for m in ran.messages[-1]
        if m["msg_type"] in ("execute_result", "error")
    ]
    assert len(outputs) == 1
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    assert "\ufffd" in nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode().decode()


def few_messages(ran: Ran) -> None:
    assert ran.printed == "".join(f"{i}\n" for i in range(5000))
    assert len(ran.contents("stream")) < 100


def inherited(ran: Ran) -> None:
    assert (ran.printed, ran.result) == ("inherited\n", "0")


def decorated(ran: Ran) -> None:
    assert (ran.printed, ran.result) == ("run\n", "1")


def first_cell_prints(ran: Ran) -> None:
    texts = {
        m["content"]["text"]: m["parent_header"]["msg_id"]
        for m in ran.messages[-1]
        if m["msg_type"] == "stream"
    }
    assert texts == {"two\n": ran.requests[1], "one\n": ran.requests[0]}


CHECKS: dict[str, Callable[[Ran], None]] = {
    "a function sees what a later cell assigns": result_is("5"),
    "a counter that a later cell resets": result_is("11"),
    "renaming a property of an object of an earlier cell": result_is("relu"),
    "renaming two properties in one parameter": result_is("1.5"),
    "renaming a property in a block": prints("4\n"),
    "renaming a property in a function that also uses an earlier name": result_is("[ 8 ]"),
    "a nested pattern": result_is("3"),
    "a short property of a name that is not ASCII": result_is("{ 'größe': 2 }"),
    "a short property after a line comment": result_is("{ seed: 1 }"),
    "a short property of an enum": result_is("{ Color: { '0': 'Red', Red: 0 } }"),
    "a namespace two cells later": result_is("100"),
    "the name of a function expression hides an earlier one": result_is("function"),
    "a failed cell changes a value and keeps its old type": tells("Property 'toFixed' does not exist"),
    "what a failed cell declared": result_is("2a/b"),
    "for await alone": prints("1\n2\n"),
    "await in a static field": tells("await can't stand in a static part of a class", "line 1", lines=4),
    "export in a cell: a type": result_is("[ 1, 2 ]"),
    "export in a cell: a function": result_is("2"),
    "dynamic import of TensorFlow.js": result_is("function"),
    "a class expression with a private member": result_is("1"),
    "methods that Node 20 has: toSorted": result_is("[ 1, 2, 3 ]"),
    "methods that Node 20 has: findLast": result_is("2"),
    "import from the folder above": result_is("up"),
    "import with the extension .ts": result_is("near"),
    "import.meta": lambda ran: _contains(ran.result, "file:///"),
    "using": prints("disposed\n"),
    "error while an imported file loads": tells("Error: at load", "at atload.ts:3:"),
    "an error that is its own cause": tells("Error: loop", lines=5),
    "the fields of an error": tells("code: 'E_NO'", "detail: { step: 3 }"),
    "an earlier name in a message": tells("TypeError: fn is not a function"),
    "an error as a cell's value": error_value,
    "console.trace": trace,
    "a type error beside a syntax error": tells("SyntaxError: ", never="(TS2"),
    "endless recursion": tells("Maximum call stack size exceeded", "more calls", lines=12),
    "the cell magics of IPython: html": tells("no magics", "display.html", lines=1),
    "the shell escape of IPython": tells("no shell escape", lines=1),
    "a comment with @module": lambda ran: _contains(ran.printed, 'now the module "./gradients"'),
    "error in a module cell": tells("Error: from module", "at thrower.ts:4:"),
    "a promise as a value": result_is("Promise { 3 }"),
    "a timer as a value": timer,
    "half of an emoji as a value": can_be_saved,
    "half of an emoji in an error": can_be_saved,
    "5,000 lines through a Jupyter server": few_messages,
    "UTF-8 in pieces": prints("é€🔥"),
    "output of a child that inherits": inherited,
    "a library error with source maps on": tells("src/library/models/mlp.ts:"),
    "a class, a function, an enum, an interface are declared again": result_is("[ 2, 's', 5, 'i' ]"),
    "a decorator": decorated,
    "JSON beside the notebook": result_is("[ 1, 2, 3 ]"),
    "a package.json of type module and a strict tsconfig beside the notebook": result_is("1"),
    "an assignment to an undeclared name": tells("TypeScriptError: Cannot find name 'x'."),
    "a timer prints into its own cell": first_cell_prints,
    "a decorated class that names itself": result_is("true"),
    "a decorated class of a global name": result_is("[ 'mine', undefined ]"),
    "global names beside using": result_is("[ 5, 5, 'function' ]"),
    "a statement that fails half way": result_is("TEXT"),
    "a var of a loop that fails": result_is("TEXT"),
    "a function beside an import that fails": result_is("[ 'new', 'OLD' ]"),
    "a var declared twice": result_is("5"),
    "import of JSON that was changed": result_is("2"),
    "import with the extension .js": result_is("4"),
    "import with require": result_is("2"),
    "a regular expression with the flag v": result_is("äb"),
    "await at the top of an imported file": tells("can't await at its top", "late.ts, line 1", lines=2),
    "export from a module": tells("write import ... from", lines=4),
    "a magic in line 2": tells("no magics", lines=1),
    "a shell escape in line 2": tells("no shell escape", lines=1),
    "a negation is no shell escape": tells("not assignable to type 'number'", "line 2", never="shell"),
}


# No cell before may have declared its name.
ALONE = {"an assignment to an undeclared name"}


def _contains(text: str, part: str) -> None:
    assert part in text


@pytest.fixture(scope="module")
def shared() -> Iterator[Notebook]:
    with tempfile.TemporaryDirectory(dir=PROJECT / "notebooks") as folder:
        yield from started(Path(folder))


def started(folder: Path, **env: str) -> Iterator[Notebook]:
    notebook = start(folder, **env)
    yield notebook
    notebook.client.stop_channels()
    notebook.manager.shutdown_kernel(now=True)


def run_case(notebook: Notebook, case: dict) -> Ran:
    requests, messages = [], []
    for code in case["cells"]:
        requests.append(notebook.send(code, stop_on_error=False))
        notebook.reply(requests[-1])
        messages.append(notebook.messages_until(requests[-1], "status", execution_state="idle"))
    return Ran(notebook, requests, messages)


@pytest.mark.parametrize("name", CHECKS)
def test_a_cell_means_what_it_says(name: str, shared: Notebook):
    case = CASES[name]
    if not {"files", "env"} & case.keys() and name not in ALONE:
        CHECKS[name](run_case(shared, case))
        return
    with tempfile.TemporaryDirectory(dir=PROJECT / "notebooks") as above:
        folder = Path(above, "here")
        folder.mkdir()
        for path, text in case.get("files", {}).items():
            (folder / path).write_text(text)
        for notebook in started(folder, **case.get("env", {})):
            CHECKS[name](run_case(notebook, case))


def ask(notebook: Notebook, kind: str, code: str, place: int | None = None) -> dict:
    request = getattr(notebook.client, kind)(code, place)
    return notebook.reply(request)


def test_help_inside_the_parentheses(shared: Notebook):
    [code] = CASES["help inside the parentheses"]["cells"]
    reply = ask(shared, "inspect", code)
    assert reply["found"]
    assert "cos(x: number): number" in reply["data"]["text/plain"]
    shared.succeeds('import { buildMlp } from "vanishing-gradients";')
    call = "buildMlp({ inputs: 4 })"
    assert "buildMlp(spec: MlpSpec" in ask(shared, "inspect", call, len(call) - 2)["data"]["text/plain"]


def test_completion_of_a_property_in_brackets(shared: Notebook):
    declare, use = CASES["completion of a property in brackets"]["cells"]
    shared.succeeds(declare)
    reply = ask(shared, "complete", use, 5)
    assert (reply["matches"], reply["cursor_start"], reply["cursor_end"]) == (["alpha"], 3, 5)


def test_help_behind_a_comma_and_a_space(shared: Notebook):
    [code] = CASES["help behind a comma and a space"]["cells"]
    assert "max(...values: number[])" in ask(shared, "inspect", code)["data"]["text/plain"]


def test_completion_of_a_path():
    case = CASES["completion of a path"]
    with tempfile.TemporaryDirectory(dir=PROJECT / "notebooks") as folder:
        for path, text in case["files"].items():
            Path(folder, path).write_text(text)
        for notebook in started(Path(folder)):
            reply = ask(notebook, "complete", case["cells"][0])
            assert (reply["matches"], reply["cursor_start"]) == (["nearby"], 24)


def test_tags_in_a_docstring(shared: Notebook):
    load, name = CASES["tags in a docstring"]["cells"]
    shared.succeeds(load)
    text = ask(shared, "inspect", name, 8)["data"]["text/plain"]
    assert "\nExample:\n" in text
    assert "\nThrows: " in text or "\nThrows:\n" in text


def answer(notebook: Notebook, request: str, value: str) -> tuple[dict, list[dict]]:
    """Answers the one question of a cell; gives the question and what the cell put out."""
    question = notebook.client.get_stdin_msg(timeout=TIMEOUT)["content"]
    notebook.client.input(value)
    notebook.reply(request)
    messages = notebook.messages_until(request, "status", execution_state="idle")
    return question, [m["content"] for m in messages if m["msg_type"] in ("execute_result", "error")]


@pytest.mark.parametrize(
    ("name", "question"), [("a question to the reader", "name? "), ("prompt()", "name?")]
)
def test_a_cell_can_ask(shared: Notebook, name: str, question: str):
    [code] = CASES[name]["cells"]
    request = shared.send(code, allow_stdin=True)
    asked, [result] = answer(shared, request, "Ada")
    assert asked["prompt"] == question
    assert "Ada" in result["data"]["text/plain"]


def test_a_front_end_that_can_not_answer_is_told_so(shared: Notebook):
    [code] = CASES["a question to the reader"]["cells"]
    request = shared.send(code, allow_stdin=False)
    assert "does not allow input" in shared.reply(request)["evalue"]


def test_a_loop_in_a_timer_is_ended_by_an_interrupt(shared: Notebook):
    [code] = CASES["a loop in a timer"]["cells"]
    request = shared.send(code)
    time.sleep(1)
    shared.manager.interrupt_kernel()
    assert shared.reply(request)["ename"] == "Interrupted"
    assert shared.result("1 + 1") == "2"


def test_an_awaited_loop_ends_with_its_cell(shared: Notebook):
    [code] = CASES["an awaited loop goes on after the interrupt"]["cells"]
    request = shared.send(code)
    time.sleep(1)
    shared.manager.interrupt_kernel()
    assert shared.reply(request)["ename"] == "Interrupted"
    process = psutil.Process(shared.manager.provisioner.pid)
    time.sleep(0.5)
    before = process.cpu_times().user
    time.sleep(1)
    assert process.cpu_times().user - before < 0.5


def test_a_comm_of_an_unknown_target_is_closed(shared: Notebook):
    client = shared.client
    message = client.session.msg("comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {}})
    client.shell_channel.send(message)
    closed = shared.messages_until(message["header"]["msg_id"], "comm_close")[-1]
    assert closed["content"] == {"comm_id": "c", "data": {}}


def test_every_case_is_checked():
    here = Path(__file__).read_text()
    others = {"comm_open of an unknown target"}
    assert [name for name in CASES if f'"{name}"' not in here and name not in others] == []
