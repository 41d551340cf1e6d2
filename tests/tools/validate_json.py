#!/usr/bin/python3
"""Does each FILE look as SCHEMA says?  What does not is a line on stderr each; exit 1 then.

usage: validate_json.py SCHEMA FILE...
"""
import json
import pathlib
import sys

import jsonschema

ERRORS_MAX = 20  # of a file: more say nothing more


def validator(schema):
    """Of the schema's file; a schema that is none itself is an error."""
    text = json.loads(pathlib.Path(schema).read_text())
    kind = jsonschema.validators.validator_for(text)
    kind.check_schema(text)
    return kind(text)


def errors(checker, data):
    """Where something is wrong, and what, as lines."""
    found = []
    for error in checker.iter_errors(data):
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        found.append(f"{where}: {error.message[:300]}")
        if len(found) == ERRORS_MAX:
            break
    return found


def file_errors(checker, path):
    try:
        data = json.loads(pathlib.Path(path).read_text())
    except ValueError as error:
        return [f"not JSON: {error}"]
    return errors(checker, data)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    checker, bad = validator(sys.argv[1]), 0
    for path in sys.argv[2:]:
        for line in file_errors(checker, path):
            print(f"{path}: {line}", file=sys.stderr)
            bad += 1
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
