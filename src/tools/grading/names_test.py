"""Files are found to be whose they are, however a platform or a student named them."""

import pytest

from tools.grading.names import Owner, as_listed, owner_of, with_numbers, without_wrapper

BUG = "find-the-bug"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("ada", Owner("ada")),
        ("ada_find-the-bug", Owner("ada")),
        ("Ada Lovelace-find-the-bug (1)", Owner("Ada-Lovelace")),
        ("Ada Lovelace - find-the-bug", Owner("Ada-Lovelace")),
        ("Copy of Ada Lovelace - find-the-bug", Owner("Ada-Lovelace")),
        ("Ada Lovelace - Copy of find-the-bug", Owner("Ada-Lovelace")),
        ("Kopie von Ada Lovelace - find-the-bug", Owner("Ada-Lovelace")),
        ("ada copy 2", Owner("ada")),
        ("ada (1) (1)", Owner("ada")),
        ("find-the-bug_ada", Owner("ada")),
        ("Find the bug - Ada", Owner("Ada")),
        ("fay (1)", Owner("fay")),
        ("fay - Copy", Owner("fay")),
        ("ada/find-the-bug", Owner("ada")),
        ("ada/deep/er", Owner("ada")),
        ("ada.zip/x", Owner("ada")),
        ("Zoe\u0308/x", Owner("Zo\u00eb")),
        ("find-the-bug", Owner("")),
        ("find-the-bug (2)", Owner("")),
        ("find-the-bug-final", Owner("")),
        ("find-the-bug_v2", Owner("")),
        ("../x", Owner("")),
        (".ada", Owner("ada")),
        ("Ada Lovelace_1234567_assignsubmission_file_/x", Owner("Ada-Lovelace", "moodle", "1234567")),
        (
            "Ada Lovelace_1234567_assignsubmission_file_find-the-bug",
            Owner("Ada-Lovelace", "moodle", "1234567"),
        ),
        ("lovelaceada_12345_678901_find-the-bug-1", Owner("lovelaceada", "canvas", "12345")),
        ("lovelaceada_LATE_12345_678901_find-the-bug", Owner("lovelaceada", "canvas", "12345", True)),
    ],
)
def test_owner(path: str, owner: Owner) -> None:
    assert owner_of(tuple(path.split("/")), BUG) == owner


def test_two_students_of_one_name_stay_two() -> None:
    names = [
        "Ada L_1_assignsubmission_file_",
        "Ada L_2_assignsubmission_file_",
        "Bob_3_assignsubmission_file_",
    ]
    owners = with_numbers([owner_of((name, "x"), BUG) for name in names])
    assert [owner.name for owner in owners] == ["Ada-L-1", "Ada-L-2", "Bob"]


def test_names_are_spelled_as_in_the_list_of_students() -> None:
    owners = as_listed([Owner("ADA-lovelace"), Owner("bob")], ["Ada-Lovelace"])
    assert [owner.name for owner in owners] == ["Ada-Lovelace", "bob"]


@pytest.mark.parametrize(
    ("paths", "archive", "students"),
    [
        (["all/ada", "all/bob"], "", ["ada", "bob"]),
        (["all/in/ada", "all/in/bob"], "", ["ada", "bob"]),
        (["ada/find-the-bug"], "", ["ada"]),
        (["ada/one", "ada/two"], "", ["one", "two"]),
        (["submissions/ada"], "", ["ada"]),
        (["week 3/ada"], "week 3", ["ada"]),
        (["find-the-bug/ada"], "", ["ada"]),
        (["ada/find-the-bug", "ada/find-the-bug (1)"], "", ["ada", "ada"]),
        (["ada/x", "bob/x"], "", ["ada", "bob"]),
        (
            ["A/ada_1_assignsubmission_file_/x", "B/bob_2_assignsubmission_file_/x"],
            "",
            ["ada", "bob"],
        ),
        (
            ["drive-download-20261128T010203Z-001/ada", "drive-download-20261128T010203Z-002/bob"],
            "",
            ["ada", "bob"],
        ),
        (["submissions (1)/ada", "cem"], "", ["ada", "cem"]),
        (["submissions/find-the-bug", "cem"], "", ["submissions", "cem"]),
        (["mal/ada_1_assignsubmission_file_/x", "ada/x"], "", ["mal", "ada"]),
    ],
)
def test_folders_around_all(paths: list[str], archive: str, students: list[str]) -> None:
    inner = without_wrapper([tuple(path.split("/")) for path in paths], BUG, archive)
    assert [owner_of(path, BUG).name for path in inner] == students
