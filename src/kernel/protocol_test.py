"""Jupyter's own tests of a kernel, filled in for TypeScript, and what they leave out of the protocol."""

import json
from pathlib import Path
from typing import ClassVar

import jupyter_kernel_test
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_kernel_test.msgspec_v5 import validate_message

from kernel.kernel_client import PROJECT, TIMEOUT, Notebook

TYPESCRIPT = json.loads((PROJECT / "node_modules/typescript/package.json").read_text())["version"]
OUTPUT = 'from "tslab-kernel/dist/cellOutput";'
DISPLAY = f'from "{(PROJECT / "src/library/dist/display/notebook.js").as_posix()}";'


class TypeScriptKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "tslab"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("hello, world")'
    completion_samples: ClassVar = [
        {"text": "Math.fro", "matches": ["fround"]},
        # Jupyter counts characters; this one takes two places in a JavaScript string.
        {"text": '"\N{FIRE}"; Math.fro', "matches": ["fround"]},
    ]
    complete_code_samples: ClassVar = [
        "1",
        "const a = 3;",
        "await Promise.resolve(1)",
        "for (const b of []) {}",
    ]
    incomplete_code_samples: ClassVar = ["function f() {", "f(1,", "const a ="]
    invalid_code_samples: ClassVar = ["const = 3;", "1 +* 2", "}"]
    code_page_something = f'import {{ showInPager }} {OUTPUT}\nshowInPager("a long text")'
    code_generate_error = 'throw new Error("on purpose")'
    code_execute_result: ClassVar = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2].map(String)", "result": "[ '1', '2' ]"},
        {"code": '"text"', "result": "text"},
        {"code": "await Promise.resolve({ a: 1 })", "result": "{ a: 1 }"},
    ]
    code_display_data: ClassVar = [
        {"code": 'import { display } from "tslab";\ndisplay.html("<b>bold</b>")', "mime": "text/html"}
    ]
    code_history_pattern = "6 ? 7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.cos"
    code_clear_output = f"import {{ clearOutput }} {OUTPUT}\nclearOutput()"


def test_the_kernel_tells_what_it_is(notebook: Notebook):
    request = notebook.client.kernel_info()
    content = notebook.reply(request)
    assert content["status"] == "ok"
    assert content["implementation"] == "tslab"
    language = content["language_info"]
    assert language["mimetype"] == "text/typescript"
    assert language["codemirror_mode"]["mode"] == "typescript"
    assert language["nbconvert_exporter"] == "script"
    assert language["version"] == TYPESCRIPT


def test_every_message_of_a_cell_is_valid_and_in_order(notebook: Notebook):
    request = notebook.send('console.log("out");\nthrow new Error("on purpose")')
    reply = notebook.client.get_shell_msg(timeout=TIMEOUT)
    validate_message(reply, "execute_reply", request)
    messages = notebook.messages_until(request, "status", execution_state="idle")
    own = [m for m in messages if m["parent_header"]["msg_id"] == request]
    for message in own:
        validate_message(message, message["msg_type"], request)
    assert [m["msg_type"] for m in own] == ["status", "execute_input", "stream", "error", "status"]
    assert own[1]["content"]["execution_count"] == reply["content"]["execution_count"]


def test_stdout_and_stderr_keep_their_order(notebook: Notebook):
    code = 'for (const i of [1, 2]) { console.log("out" + i); console.error("err" + i); }'
    streams = [(m["content"]["name"], m["content"]["text"]) for m in notebook.succeeds(code)]
    assert streams == [("stdout", "out1\n"), ("stderr", "err1\n"), ("stdout", "out2\n"), ("stderr", "err2\n")]


def test_a_burst_of_output_arrives_whole(notebook: Notebook):
    lines = 20_000
    messages = notebook.succeeds(f"for (let i = 0; i < {lines}; i++) {{ console.log(i); }}")
    text = "".join(m["content"]["text"] for m in messages)
    assert text == "".join(f"{i}\n" for i in range(lines))


def test_output_of_earlier_work_goes_to_the_cell_that_started_it(notebook: Notebook):
    notebook.succeeds("let open = () => {};\nconst gate = new Promise<void>((go) => { open = go; });")
    first = notebook.send('void gate.then(() => { console.log("late") });')
    notebook.messages_until(first, "status", execution_state="idle")
    second = notebook.send('open();\nawait gate;\nconsole.log("now")')
    messages = notebook.messages_until(second, "status", execution_state="idle")
    printed = {
        m["content"]["text"]: m["parent_header"]["msg_id"] for m in messages if m["msg_type"] == "stream"
    }
    assert printed == {"late\n": first, "now\n": second}


def test_a_last_value_of_undefined_gives_no_result(notebook: Notebook):
    assert notebook.succeeds("undefined") == []
    assert notebook.succeeds("const nothing = 3;") == []


def test_a_result_that_cannot_be_printed_is_an_error(notebook: Notebook):
    code = '({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("shy") } })'
    assert notebook.fails(code)["evalue"] == "shy"


def test_counts_grow_by_one_for_stored_cells_only(notebook: Notebook):
    count = notebook.run("1")[0]["execution_count"]
    assert notebook.run("2", store_history=False)[0]["execution_count"] == count
    silent, messages = notebook.run('console.log("unheard"); 3', silent=True)
    assert (silent["execution_count"], messages) == (count, [])
    assert notebook.run("4")[0]["execution_count"] == count + 1


def test_user_expressions_are_evaluated_after_the_cell(notebook: Notebook):
    expressions = {"twice": "two * 2", "wrong": "three"}
    reply, messages = notebook.run("const two = 2;", user_expressions=expressions)
    assert messages == []
    assert reply["payload"] == []
    results = reply["user_expressions"]
    assert results["twice"] == {"status": "ok", "data": {"text/plain": "4"}, "metadata": {}}
    assert (results["wrong"]["status"], results["wrong"]["ename"]) == ("error", "TypeScriptError")


def test_one_output_has_several_formats_and_is_updated_in_place(notebook: Notebook):
    code = f"""import {{ displayBundle, inNotebook }} {DISPLAY}
const show = (n: number, update: boolean) =>
  displayBundle({{ "text/plain": `${{n}}`, "application/json": {{ n }} }}, {{ displayId: "bar", update }});
show(1, false);
show(2, true);
inNotebook()"""
    messages = notebook.succeeds(code)
    kinds = [m["msg_type"] for m in messages]
    assert kinds == ["display_data", "update_display_data", "execute_result"]
    for n, message in enumerate(messages[:2], start=1):
        validate_message(message)
        assert message["content"]["data"] == {"text/plain": str(n), "application/json": {"n": n}}
        assert message["content"]["transient"] == {"display_id": "bar"}
    assert messages[2]["content"]["data"]["text/plain"] == "true"


def test_the_kernel_that_is_tested_is_the_one_built_here(kernelspec: Path):
    assert KernelSpecManager().get_kernel_spec("tslab").resource_dir == str(kernelspec.parent)


def test_an_unknown_request_leaves_the_kernel_usable(notebook: Notebook):
    client = notebook.client
    client.shell_channel.send(client.session.msg("no_such_request", {}))
    assert notebook.result("1 + 1") == "2"


def test_a_message_with_a_wrong_signature_is_ignored(notebook: Notebook):
    client = notebook.client
    forged = client.session.clone()
    forged.key = b"not the key"
    forged.send(client.shell_channel.socket, "execute_request", {"code": "const forged = 1;"})
    assert notebook.fails("forged")["evalue"] == "Cannot find name 'forged'."
