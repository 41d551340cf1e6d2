#!/usr/bin/python3
"""Write the generated part of a README again (or, with --check, say whether it is current).

The part stands between the line that begins with `<!-- generated` and the one
that begins with `<!-- end`; it is what `bench scenarios --keys` or
`--subject-keys` prints.
"""
import pathlib
import subprocess
import sys

DOCS = {"scenarios/README.md": "--keys", "scenarios/subjects/README.md": "--subject-keys"}
BEGIN, END = "<!-- generated", "<!-- end"


def main():
    check, stale = "--check" in sys.argv, 0
    for name, flag in DOCS.items():
        path = pathlib.Path(name)
        text = path.read_text()
        begin, end = text.find(BEGIN), text.find(END)
        if begin < 0 or end < begin:
            sys.exit(f"{name}: no part between {BEGIN} and {END}")
        table = subprocess.run(["build/release/bin/bench", "scenarios", flag], check=True, text=True,
                               capture_output=True).stdout
        new = text[: text.index("\n", begin) + 1] + table + text[end:]
        if new == text:
            continue
        if check:
            print(f"{name}: not current; type: make docs")
            stale += 1
        else:
            path.write_text(new)
    sys.exit(stale > 0)


if __name__ == "__main__":
    main()
