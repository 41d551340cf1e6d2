# SecLyzer: the extractors, their baseline, and the harness that decides between them.
#
#   sudo make deps && make bench      build everything, run the scenarios, print the report
#   sudo make deps && make test       every test, under the sanitizers too
#   make VARIANT=asan                 same sources, own tree: release | asan | tsan | cov | fuzz
#   make help                         every target in one line
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

VARIANT ?= release
# `make compare A=ID B=ID`: what the command line calls B is a session there, not where programs are built.
ifneq ($(filter compare,$(MAKECMDGOALS)),)
COMPARE_B  := $(B)
override B := build/$(VARIANT)
endif
B       := build/$(VARIANT)
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),,@printf '  %-6s %s\n' "$(1)" "$(2)";)
# The baseline and the test tools need Debian's python3-* modules: never another python3 of PATH.
PYTHON  := /usr/bin/python3

# ---- what is built -----------------------------------------------------------
# A program is its main file; everything else comes from the two archives, of
# which the linker takes what the main file needs.
keystroke_extractor_SRC := extractors/keystroke_main.c
mouse_extractor_SRC     := extractors/mouse_main.c
app_tracker_SRC         := extractors/app_main.c
bench_SRC               := harness/main.c
loadgen_SRC             := harness/loadgen/main.c
null_subject_SRC        := harness/floor/null_subject.c
fake_subject_SRC        := harness/selfcheck/fake_subject.c
subject_proxy_SRC       := harness/selfcheck/proxy.c
EXTRACTOR_PROGS := keystroke_extractor mouse_extractor app_tracker
HARNESS_PROGS   := bench loadgen null_subject fake_subject subject_proxy
PROGS           := $(EXTRACTOR_PROGS) $(HARNESS_PROGS)

# eBPF needs a clang with the bpf target, bpftool, libbpf and x86-64; BPF=0 builds without.  A build
# without has stubs in the same places, which say what was missing.
BPF          ?= 1
CLANG        ?= clang
BPFTOOL      ?= $(shell PATH=$$PATH:/usr/sbin:/sbin command -v bpftool)
BPF_MISSING  := $(strip $(if $(filter 0,$(BPF)),eBPF (BPF=0),\
                $(if $(filter x86_64,$(shell uname -m)),,x86-64) \
                $(if $(shell command -v $(CLANG)),,clang) \
                $(if $(BPFTOOL),$(if $(shell $(BPFTOOL) version 2>/dev/null),,bpftool),bpftool) \
                $(if $(shell pkg-config --exists libbpf 2>/dev/null && echo yes),,libbpf-dev)))
BPF_LIVE     := $(addprefix harness/probes/,ebpf.c attribution.c bpf_host.c)
BPF_STUBS    := $(addprefix harness/probes/,ebpf_stub.c attribution_stub.c)
BPF_NOT_USED := $(if $(BPF_MISSING),$(BPF_LIVE),$(BPF_STUBS))

MAIN_SRCS      := $(foreach p,$(PROGS),$($(p)_SRC))
EXTRACTOR_SRCS := $(filter-out $(MAIN_SRCS),$(wildcard extractors/*.c extractors/*/*.c))
HARNESS_SRCS   := $(filter-out $(MAIN_SRCS) $(BPF_NOT_USED) %.bpf.c,$(wildcard harness/*.c harness/*/*.c))
UNIT_SRCS      := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
CONTRACT_SRCS  := $(wildcard tests/contract/*.c)
INTEG_SRCS     := $(wildcard tests/integration/*.c)
STATS_SRCS     := $(wildcard tests/stats/*.c)
BROWSER_SRCS   := $(wildcard tests/browser/*.c)
FUZZ_SRCS      := $(wildcard tests/fuzz/fuzz_*.c)
HDRS           := $(wildcard extractors/*.h extractors/*/*.h harness/*.h harness/*/*.h)

# ---- packages ------------------------------------------------------------------
# pkg-config name : Debian package.  `make deps` installs them, a build only looks.
BUILD_PKGS := hiredis:libhiredis-dev libcurl:libcurl4-openssl-dev libcjson:libcjson-dev sqlite3:libsqlite3-dev zlib:zlib1g-dev
DEB_PKGS := gcc clang llvm libclang-rt-14-dev make pkg-config clang-format git \
            libhiredis-dev libcurl4-openssl-dev libcjson-dev libsqlite3-dev libbpf-dev libelf-dev zlib1g-dev \
            bpftool libcmocka-dev gnuplot-nox hyperfine valgrind redis-server redis-tools influxdb \
            influxdb-client victoria-metrics python3 python3-redis python3-hiredis python3-numpy python3-urllib3 \
            python3-pytest python3-scipy python3-jsonschema python3-prometheus-client libxml2-utils procps \
            openssh-client chromium chromium-driver python3-selenium

# ---- flags ---------------------------------------------------------------------
# No contraction into fused multiply-adds: results are the same on every CPU.
STD      := -std=c11 -D_GNU_SOURCE -ffp-contract=off
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wundef -Wformat=2 -Wswitch-enum -Wpointer-arith -Wwrite-strings -fno-common
WERROR   ?= 1
OPT_release := -O2 -g -fno-omit-frame-pointer -D_FORTIFY_SOURCE=2 -fstack-protector-strong
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
OPT_cov     := -O0 -g --coverage
OPT_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(origin OPT_$(VARIANT)),undefined)
$(error VARIANT=$(VARIANT) is not one of release asan tsan cov fuzz)
endif
CC       := $(if $(filter fuzz,$(VARIANT)),clang,gcc)
CC_IS_GCC := $(if $(findstring clang,$(CC)),,1)
# gcc calls a deliberate snprintf cut-off an error; clang lacks the flag
WARN     += $(if $(CC_IS_GCC),-Wno-format-truncation)
CFLAGS    = $(STD) $(WARN) $(if $(filter 1,$(WERROR)),-Werror) $(OPT_$(VARIANT)) \
            -DBUILD_VARIANT='"$(VARIANT)"' -I. -I$(B)/gen -isystem $(B)/gen/bpf -ffunction-sections -fdata-sections $(EXTRA_CFLAGS)
LDFLAGS   = $(OPT_$(VARIANT)) -Wl,--as-needed -Wl,--gc-sections -Wl,-O1 -Wl,-z,relro $(EXTRA_LDFLAGS)
EXTRACTOR_LIBS := -lhiredis -lcjson -lm -ldl
HARNESS_LIBS   := -lhiredis -lcjson -lcurl -lsqlite3 -lz -lm -ldl -lpthread $(if $(BPF_MISSING),,-lbpf)

# ---- rules -----------------------------------------------------------------------
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

# A changed flag or compiler rebuilds this variant; an unchanged one nothing.
FLAGS_NOW := $(CC) $(CFLAGS) $(LDFLAGS) BPF_MISSING=$(BPF_MISSING)
$(B)/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $@
FORCE:

# What --version and the host record say: commit, dirtiness, compiler, flags.
$(B)/gen/build_info.h: FORCE $(B)/flags
	@mkdir -p $(@D); { \
	  printf '#define BUILD_COMMIT "%s"\n' "$$(git rev-parse --short=12 HEAD 2>/dev/null || echo 'unavailable: no git')$$(test -z "$$(git status --porcelain -uno 2>/dev/null)" || echo -dirty)"; \
	  printf '#define BUILD_COMPILER "%s"\n' "$$($(CC) --version | head -n 1 | tr -d '"')"; \
	  printf '#define BUILD_FLAGS "%s"\n' "$(subst ",,$(OPT_$(VARIANT)) $(EXTRA_CFLAGS))"; \
	} > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# A page's style and script as C strings, page.css -> `static const char page_css[]`, and their
# digests as a page's policy writes them (base64 of the 32 bytes), PAGE_CSS_SHA256.
$(B)/gen/page_%.h: harness/doc/page.%
	$(call say,GEN,$@)mkdir -p $(@D)
	$(Q){ printf 'static const char page_$*[] =\n'; sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/\t"&\\n"/' $<; printf ';\n'; \
	  hex=$$(sha256sum < $< | cut -c 1-64 | sed 's/../\\x&/g'); \
	  printf '#define PAGE_%s_SHA256 "%s"\n' $(if $(filter css,$*),CSS,JS) "$$(env printf "$$hex" | base64)"; } > $@
$(B)/obj/harness/doc/doc_html.o: $(B)/gen/page_css.h $(B)/gen/page_js.h

$(B)/obj/%.o: %.c $(B)/flags | $(B)/gen/build_info.h $(B)/deps-ok
	$(call say,CC,$<)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

# foo.bpf.c -> foo.bpf.o -> foo.skel.h, which holds the object's bytes and its loader.  The linker
# step (bpftool gen object) drops DWARF, keeps BTF.
$(B)/gen/bpf/%.bpf.o: harness/probes/%.bpf.c $(B)/flags
	$(call say,BPF,$<)mkdir -p $(@D)
	$(Q)$(CLANG) -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror -target bpf -mcpu=v3 -I. -MMD -MP -c $< -o $@
$(B)/gen/bpf/%.skel.h: $(B)/gen/bpf/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen object $(@:.skel.h=.linked.o) $<
	$(Q)$(BPFTOOL) gen skeleton $(@:.skel.h=.linked.o) name $*_bpf > $@
$(B)/gen/bpf_config.h: $(B)/flags
	@printf '/* made by the Makefile */\n#ifndef BPF_MISSING\n#define BPF_MISSING "%s"\n#endif\n' '$(BPF_MISSING)' > $@
# Names of system calls by number, of the headers that this is built with.
$(B)/gen/syscall_names.h: $(B)/flags
	@echo '#include <sys/syscall.h>' | $(CC) -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/[\2] = "\1",/p' | sort > $@
$(call obj,harness/probes/ebpf.c): $(B)/gen/bpf/sched.skel.h
$(call obj,harness/probes/attribution.c): $(B)/gen/bpf/attribution.skel.h
$(call obj,$(BPF_STUBS) tests/unit/harness/probes/test_stubs.c): $(B)/gen/bpf_config.h
$(call obj,harness/probes/syscall_names.c): $(B)/gen/syscall_names.h

$(B)/lib/extractors.a: $(call obj,$(EXTRACTOR_SRCS))
$(B)/lib/harness.a:    $(call obj,$(HARNESS_SRCS))
$(B)/lib/%.a:
	$(call say,AR,$@)mkdir -p $(@D)
	$(Q)$(RM) $@ && ar rcs $@ $^

.SECONDEXPANSION:
$(addprefix $(B)/bin/,$(EXTRACTOR_PROGS)): $(B)/bin/%: $$(call obj,$$($$*_SRC)) $(B)/lib/extractors.a
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $(EXTRACTOR_LIBS)
$(addprefix $(B)/bin/,$(HARNESS_PROGS)): $(B)/bin/%: $$(call obj,$$($$*_SRC)) $(B)/lib/harness.a $(B)/lib/extractors.a
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $(HARNESS_LIBS)

$(B)/deps-ok:
	@mkdir -p $(@D); missing=; command -v pkg-config >/dev/null || missing=' pkg-config'; \
	test -n "$$missing" || for p in $(BUILD_PKGS); do pkg-config --exists $${p%%:*} || missing="$$missing $${p##*:}"; done; \
	test -z "$$missing" || { echo "make: missing package(s):$$missing; type: sudo make deps" >&2; exit 2; }; touch $@

TEST_LIBS := $(B)/lib/harness.a $(B)/lib/extractors.a
UNIT_BINS := $(patsubst tests/unit/%.c,$(B)/test/%,$(UNIT_SRCS))
CONTRACT_BINS := $(patsubst tests/contract/%.c,$(B)/contract/%,$(CONTRACT_SRCS))
INTEG_BINS := $(patsubst tests/integration/%.c,$(B)/integration/%,$(INTEG_SRCS))
STATS_BINS := $(patsubst tests/stats/%.c,$(B)/stats/%,$(STATS_SRCS))
BROWSER_BINS := $(patsubst tests/browser/%.c,$(B)/browser/%,$(BROWSER_SRCS))
FUZZ_BINS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRCS))
$(B)/test/%: $(B)/obj/tests/unit/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ -lcmocka $(HARNESS_LIBS)
$(B)/contract/%: $(B)/obj/tests/contract/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $(HARNESS_LIBS)
$(B)/bench/%: $(B)/obj/tests/bench/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $(HARNESS_LIBS)
$(B)/integration/%: $(B)/obj/tests/integration/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ -lcmocka $(HARNESS_LIBS)
$(B)/stats/%: $(B)/obj/tests/stats/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ -lm
$(B)/browser/%: $(B)/obj/tests/browser/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $(HARNESS_LIBS)
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(TEST_LIBS)
	$(call say,LD,$@)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $^ -o $@ $(HARNESS_LIBS)

# ---- targets -----------------------------------------------------------------------
## all: build every program of this VARIANT into build/VARIANT/bin
all: $(addprefix $(B)/bin/,$(PROGS))
## extractors: build the three C extractors alone
extractors: $(addprefix $(B)/bin/,$(EXTRACTOR_PROGS))
## deps: install the Debian packages that build, tests and benchmarks need (root)
deps:
	@DEBS="$(DEB_PKGS)" tests/tools/install_deps.sh
## bench: run SCENARIO=name,name (default: all) with PROFILE=quick|standard|full, print the report; a soak also takes DURATION=24h and RESUME=session, throughput and cpu DUET=1
bench: all
	@$(B)/bin/bench run $(if $(SCENARIO),--scenario $(SCENARIO)) --profile $(or $(PROFILE),quick) \
		$(if $(DURATION),--duration $(DURATION)) $(if $(RESUME),--resume $(RESUME)) $(if $(filter 1,$(DUET)),--duet) $(BENCH_ARGS)
# What scenarios/checklist.ini asks for.
CHECKLIST_SCENARIOS := startup,memory,cpu,latency,throughput,integration
# A void run (exit 4) leaves its items undecided; the others are judged all the same.
## checklist: measure what the performance checklist asks for (PROFILE=standard, 30 min) and judge it, or judge SESSION=id alone; by RULES=file, else the session's own copy, else scenarios/checklist.ini
checklist: all
	@$(if $(SESSION),,{ $(B)/bin/bench run --scenario $(CHECKLIST_SCENARIOS) --profile $(or $(PROFILE),standard) \
		$(BENCH_ARGS) >/dev/null || test $$? -eq 4; } && )$(B)/bin/bench checklist $(if $(RULES),--rules $(RULES)) $(or $(SESSION),latest)
## signoff: sign the checklist of SESSION=id (the latest) by ssh-keygen with SIGNER="Name <mail@domain>" KEY=~/.ssh/id_ed25519; ANYWAY=1 when something speaks against it
signoff: export SIGNOFF_SIGNER = $(SIGNER)
signoff: export SIGNOFF_KEY = $(patsubst ~/%,$(HOME)/%,$(KEY))
signoff: all
	@$(B)/bin/bench signoff --signer "$$SIGNOFF_SIGNER" --key "$$SIGNOFF_KEY" $(if $(filter 1,$(ANYWAY)),--anyway) $(or $(SESSION),latest)
## verify-signoff: check signature, files and checklist of SESSION=id (the latest); ALLOWED=allowed_signers says who may sign with which key
verify-signoff: all
	@$(B)/bin/bench verify $(if $(ALLOWED),--allowed $(patsubst ~/%,$(HOME)/%,$(ALLOWED))) $(or $(SESSION),latest)
## compare: two sessions side by side, A=ID B=ID (or their folders); HTML=FILE writes a page, too
compare: all
	@$(B)/bin/bench compare $(if $(HTML),--html $(HTML)) $(BENCH_ARGS) -- $(A) $(COMPARE_B)
## bench-loadgen: the load generator against its goals, in pairs with redis-benchmark (about 4 min)
bench-loadgen:
	@$(MAKE) --no-print-directory VARIANT=release all
	@$(PYTHON) tests/tools/bench_loadgen.py $(LOADGEN_ARGS)
## selfcheck: measure fake and lying subjects whose figures are known (about 10 min; QUICK=1: 2 min)
selfcheck:
	@$(MAKE) --no-print-directory VARIANT=release all
	@build/release/bin/bench selfcheck $(if $(QUICK),--quick) $(BENCH_ARGS)
## bench-probe: what the probes cost, against their goals; 10 s, for a quiet machine
bench-probe:
	@$(MAKE) --no-print-directory VARIANT=release build/release/bench/probe_cost
	@build/release/bench/probe_cost
## decision: keep Python or switch to C, by RULES=file, else the session's own copy, else scenarios/decision.ini; of SESSION=id (default: the latest)
decision: all
	@$(B)/bin/bench decide $(SESSION) $(if $(RULES),--rules $(RULES))
## decision-check: REPEATS (default 10000) sessions of known truth, and how often the decision is right; a quarter of an hour
decision-check: $(B)/stats/decision_check
	@$< $(or $(REPEATS),10000)
## liars: subjects that lie, against every scenario, as a matrix (about 12 min)
liars: all
	@$(PYTHON) tests/tools/liars.py --variant $(VARIANT) $(LIARS_ARGS)
## export-check: give the exports of SESSION (default: the latest) to the tools they are for, where those are installed
export-check:
	@$(MAKE) --no-print-directory VARIANT=release all
	@$(PYTHON) tests/tools/export_check.py $(SESSION)
## test-bins: build every test binary of this VARIANT
test-bins: all $(UNIT_BINS) $(CONTRACT_BINS) $(INTEG_BINS) $(STATS_BINS)
unit-bins: $(UNIT_BINS)
browser-bins: all $(BROWSER_BINS)
## browser: the pages in a real Chromium; screenshots in build/browser/
browser:
	@$(PYTHON) tests/tools/run_tests.py browser
## unit: build and run the unit tests of this VARIANT
unit: test-bins
	@$(PYTHON) tests/tools/run_tests.py --variant $(VARIANT) unit
## test: every test (release, and again under asan+ubsan); ends with `N passed, N failed, N skipped`
test:
	@$(PYTHON) tests/tools/run_tests.py all
## check: layers, headers and format
check:
	@$(PYTHON) tests/tools/run_tests.py checks
## stats-check: simulate every interval and verdict REPEATS (default 10000) times; half an hour
stats-check: $(B)/stats/stats_check
	@$< $(or $(REPEATS),10000) $(PART)
## fuzz: every fuzz target for FUZZ_SECONDS (default 60)
fuzz:
	@$(MAKE) --no-print-directory VARIANT=fuzz fuzz-bins
	@$(PYTHON) tests/tools/run_tests.py --fuzz-seconds $(or $(FUZZ_SECONDS),60) fuzz
fuzz-bins: $(FUZZ_BINS)
## format: rewrite the C sources in the house style
format:
	@clang-format -i $(shell find extractors harness tests -name '*.[ch]')
## docs: write the generated parts of the READMEs again
docs: all
	@$(PYTHON) tests/tools/generated_docs.py
## list-headers: the headers that must compile alone (for the checks)
list-headers:
	@printf '%s\n' $(HDRS)
## print-VARIABLE: show a variable of this Makefile (for the tools)
print-%:
	@printf '%s\n' '$(subst ','\'',$($*))'
## golden: make the example report in reports/golden/ again from its raw values, after a change that is meant
golden: all
	@$(B)/bin/bench report $(CURDIR)/reports/golden/
## clean: remove build/
clean:
	$(RM) -r build
## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  %-18s %s\n",$$1,$$2}'
.PHONY: golden all extractors deps docs bench bench-probe bench-loadgen selfcheck liars test-bins unit-bins browser-bins browser unit test check stats-check fuzz fuzz-bins format list-headers clean help FORCE decision decision-check checklist signoff verify-signoff export-check compare

-include $(shell find build/$(VARIANT) -name '*.d' 2>/dev/null)
