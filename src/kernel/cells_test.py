"""Cells see what earlier cells declared, and the library that was there when it was imported."""

import os

from kernel.kernel_client import PROJECT, Notebook


def test_a_cell_can_use_an_earlier_variable_as_a_short_property(notebook: Notebook):
    notebook.run("const seed = 1; const other = 2;")
    assert notebook.result("({ other, seed })") == "{ other: 2, seed: 1 }"


def test_a_cell_runs_after_the_library_was_built_again(notebook: Notebook):
    notebook.run('import { buildMlp } from "vanishing-gradients"; buildMlp.name')
    # What a build and an installation do to the files that TypeScript has read.
    for path in [PROJECT / "src/library/package.json", *(PROJECT / "src/library/dist").rglob("*.d.ts")]:
        os.utime(path)
    # Time for TypeScript to be told.
    notebook.run("await new Promise((resolve) => setTimeout(resolve, 1500));")
    assert notebook.result("buildMlp.name") == "buildMlp"
    assert notebook.result("1 + 1") == "2"


def test_help_for_the_next_cell_while_one_runs_takes_nothing_from_it(notebook: Notebook) -> None:
    running = notebook.send(
        "const kept = 1; await new Promise((resolve) => setTimeout(resolve, 500)); const late = kept + 1;"
    )
    notebook.client.complete("Math.ab", 7)
    notebook.reply(running)
    assert notebook.reply(notebook.send("kept + late"))["status"] == "ok"
