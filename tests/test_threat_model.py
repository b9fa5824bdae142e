"""docs/threat-model.md names tests: they are there."""

import glob
import os
import re


def test_the_tests_it_names_are_there(source):
    with open(os.path.join(source, "docs", "threat-model.md"),
              encoding="utf-8") as file:
        named = re.findall(r"`([\w./]+)`", file.read())
    tests = {}
    for path in glob.glob(os.path.join(source, "tests", "**", "*.[cp]*"),
                          recursive=True):
        with open(path, encoding="utf-8", errors="replace") as file:
            tests[os.path.basename(path)] = file.read()
    files = {name for name in named if name.endswith((".py", ".c"))}
    functions = {name for name in named if name.startswith("test_")} - files
    assert len(files) > 8 and len(functions) > 5
    assert {name for name in files if os.path.basename(name) not in tests} \
        == set()
    assert {name for name in functions if not any(
        "def %s(" % name in text for text in tests.values())} == set()
