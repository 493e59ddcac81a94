"""Interrupt stops what runs; the variables stay."""

import time

import pytest

from kernel.kernel_client import Notebook

# As a training of the library does it: listens while it works, and ends before the next batch.
TRAIN = """let batches = 0;
async function train(): Promise<string> {
  let stop = false;
  const listen = () => { stop = true; };
  process.on("SIGINT", listen);
  try {
    while (!stop) {
      batches++;
      if (batches === 1) { console.log("started"); }
      await new Promise((go) => setImmediate(go));
    }
  } finally {
    process.off("SIGINT", listen);
  }
  return "ended";
}"""


def interrupt(notebook: Notebook, code: str) -> dict:
    """Runs a cell, interrupts it when it has printed "started", and gives its reply."""
    request = notebook.send(code)
    notebook.messages_until(request, "stream", text="started\n")
    notebook.manager.interrupt_kernel()
    reply = notebook.reply(request)
    messages = notebook.messages_until(request, "status", execution_state="idle")
    assert [m["content"]["ename"] for m in messages if m["msg_type"] == "error"] == ["Interrupted"]
    return reply


@pytest.mark.parametrize(
    "code",
    [
        'console.log("started");\nawait new Promise(() => {});',
        'console.log("started");\nawait new Promise((go) => setTimeout(go, 1e8));',
        # Nothing is awaited: Node itself ends the loop.
        'console.log("started");\nfor (;;) {}',
    ],
)
def test_interrupt_ends_a_cell(notebook: Notebook, code: str):
    notebook.succeeds("const kept = 5;")
    reply = interrupt(notebook, code)
    assert (reply["status"], reply["ename"]) == ("error", "Interrupted")
    assert notebook.result("kept") == "5"


def test_interrupt_lets_a_training_end_and_keeps_what_it_gives(notebook: Notebook):
    notebook.succeeds(TRAIN)
    assert interrupt(notebook, "const outcome = await train();")["status"] == "error"
    assert notebook.result("outcome") == "ended"
    assert int(notebook.result("batches")) == int(notebook.result("batches"))


def test_interrupt_ends_every_training_of_a_loop(notebook: Notebook):
    notebook.succeeds(TRAIN)
    loop = "const outcomes: string[] = [];\nfor (let i = 0; i < 3; i++) { outcomes.push(await train()); }"
    assert interrupt(notebook, loop)["status"] == "error"
    assert notebook.result("outcomes.length") == "3"


def test_interrupt_ends_a_cell_that_does_not_heed_it(notebook: Notebook):
    code = 'process.on("SIGINT", () => {});\nconsole.log("started");\nawait new Promise(() => {});'
    assert interrupt(notebook, code)["ename"] == "Interrupted"
    assert notebook.result("1 + 1") == "2"


def test_interrupt_stops_a_training_of_the_library_at_its_next_batch(notebook: Notebook):
    notebook.succeeds(
        """import { buildMlp, loadIris, recordTraining } from "vanishing-gradients";
const network = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 2, width: 4, activation: "relu", seed: 1 });"""
    )
    train = """const record = await recordTraining(network, loadIris(), {
  optimizer: "sgd", learningRate: 0.01, epochs: 100000, recordEvery: 1000000,
  onProgress: ({ step }) => { if (step === 1) { console.log("started"); } },
});"""
    assert interrupt(notebook, train)["status"] == "error"
    assert notebook.result("record.stopped?.reason") == "interrupt"
    assert notebook.result("network.layers.length") == "3"


def test_cells_that_wait_for_an_interrupted_one_are_aborted(notebook: Notebook):
    first = notebook.send('console.log("started");\nawait new Promise(() => {});')
    second = notebook.send("1")
    notebook.messages_until(first, "stream", text="started\n")
    notebook.manager.interrupt_kernel()
    assert [notebook.reply(request)["status"] for request in (first, second)] == ["error", "aborted"]


def test_an_interrupt_between_cells_does_nothing(notebook: Notebook):
    notebook.succeeds("const kept = 5;")
    notebook.manager.interrupt_kernel()
    # The signal takes another way than the next cell, and is not to overtake it.
    time.sleep(1)
    assert notebook.result("kept") == "5"


def test_an_interrupt_can_be_sent_as_a_message(notebook: Notebook):
    client = notebook.client
    request = notebook.send('console.log("started");\nawait new Promise(() => {});')
    notebook.messages_until(request, "stream", text="started\n")
    client.control_channel.send(client.session.msg("interrupt_request", {}))
    assert notebook.reply(request)["ename"] == "Interrupted"
    assert client.get_control_msg(timeout=60)["content"] == {"status": "ok"}
