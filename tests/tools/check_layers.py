#!/usr/bin/python3
"""Fail when a quoted #include points somewhere layers.txt does not allow, or a
third-party header stands in more places than its one home."""
import pathlib
import re
import sys

HOMES = {  # header prefix -> where it may stand (design.md: one outside library a file)
    "hiredis/": ("extractors/io/redis_bus.c", "harness/", "tests/"),
    "curl/": ("extractors/io/", "harness/influx_query.c", "tests/"),
    "sqlite3.h": ("extractors/io/patterns_db.c", "harness/history/", "tests/"),
    "bpf/": ("harness/probes/", "tests/"),
    "cjson/": ("extractors/feature/", "harness/", "tests/"),
}
GENERATED = ("build_info.h", "bpf_config.h", "syscall_names.h", "page_css.h", "page_js.h")


def rules():
    table = {}
    for line in pathlib.Path("tests/tools/layers.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            table[words[0]] = words[1:]
    return table


def main():
    table, bad, seen = rules(), 0, 0
    for root in ("extractors", "harness", "tests"):
        for src in sorted(pathlib.Path(root).rglob("*.[ch]")):
            layer = max((p for p in table if str(src).startswith(p)), key=len)
            for number, text in enumerate(src.read_text().splitlines(), 1):
                quoted = re.match(r'\s*#\s*include\s+"([^"]+)"', text)
                angled = re.match(r"\s*#\s*include\s+<([^>]+)>", text)
                if quoted and not quoted[1].endswith((".skel.h", *GENERATED)):
                    seen += 1
                    if "/" not in quoted[1] and not src.name.endswith((".bpf.c", ".bpf.h")):
                        print(f"{src}:{number}: write {quoted[1]} from the root")
                        bad += 1
                    elif not any(quoted[1].startswith(p) for p in [layer, *table[layer]]):
                        print(f"{src}:{number}: {layer} may not include {quoted[1]}")
                        bad += 1
                if angled:
                    for prefix, homes in HOMES.items():
                        if angled[1].startswith(prefix) and not str(src).startswith(homes):
                            print(f"{src}:{number}: <{angled[1]}> belongs in {', '.join(homes)}")
                            bad += 1
    if not seen:
        sys.exit("check_layers: no includes found: run it from the repository's root")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
