#!/usr/bin/python3
"""Write what is generated in the documentation again (or, with --check, say whether it is current).

In a README the generated part stands between the line that begins with `<!-- generated` and the one
that begins with `<!-- end`; other files are generated whole.
"""
import pathlib
import subprocess
import sys

BENCH = "build/release/bin/bench"
DOCS = {
    "scenarios/README.md": ["scenarios", "--keys"],
    "scenarios/subjects/README.md": ["scenarios", "--subject-keys"],
    "reports/results.schema.json": ["report", "--schema"],
}
BEGIN, END = "<!-- generated", "<!-- end"


def within(name, text, table):
    """The README with its generated part replaced."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"{name}: no part between {BEGIN} and {END}")
    return text[: text.index("\n", begin) + 1] + table + text[end:]


def main():
    check, stale = "--check" in sys.argv, 0
    for name, command in DOCS.items():
        path = pathlib.Path(name)
        text = path.read_text() if path.exists() else ""
        made = subprocess.run([BENCH, *command], check=True, text=True, capture_output=True).stdout
        new = within(name, text, made) if path.suffix == ".md" else made
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
