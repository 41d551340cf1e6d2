#!/usr/bin/python3
"""Write the generated part of a README again (or, with --check, say whether it is current).

The part is everything behind the line that begins with `<!-- generated`; it is
what `bench scenarios --keys` or `--subject-keys` prints.
"""
import pathlib
import subprocess
import sys

DOCS = {"scenarios/README.md": "--keys", "scenarios/subjects/README.md": "--subject-keys"}
MARK = "<!-- generated"


def main():
    check, stale = "--check" in sys.argv, 0
    for name, flag in DOCS.items():
        path = pathlib.Path(name)
        text = path.read_text()
        at = text.find(MARK)
        if at < 0:
            sys.exit(f"{name}: no line that begins with {MARK}")
        keep = text[: text.index("\n", at) + 1]
        new = keep + subprocess.run(["build/release/bin/bench", "scenarios", flag], check=True, text=True,
                                    capture_output=True).stdout
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
