/* `bench`: the verb decides; each has a file of its own, cmd_<verb>.c. */
#include <stdio.h>
#include <string.h>

#include "build_info.h"
#include "extractors/base/log.h"
#include "harness/cmd.h"

static const struct verb {
	const char *name, *help;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "run", "measure the scenarios and write a report", cmd_run },
	{ "report", "make a session's report again from its raw values", cmd_report },
	{ "decide", "keep Python or switch to C, by scenarios/decision.ini", cmd_decide },
	{ "checklist", "judge a session by the performance checklist", cmd_checklist },
	{ "signoff", "sign a session's checklist", cmd_signoff },
	{ "verify", "check the signature of a session's checklist", cmd_verify },
	{ "export", "a session in the formats of other tools", cmd_export },
	{ "compare", "two sessions side by side", cmd_compare },
	{ "scenarios", "list the scenarios, or their keys", cmd_scenarios },
	{ "doctor", "say whether this host can be trusted to measure", cmd_doctor },
	{ "selfcheck", "measure what is known, and say how well", cmd_selfcheck },
};

static void print_help(FILE *to)
{
	fprintf(to, "usage: bench VERB [options]\n\nverbs (bench VERB --help says more):\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-12s %s\n", verbs[i].name, verbs[i].help);
	fprintf(to,
		"\nexit codes: 0 done; 1 a regression or a failed checklist item; 2 usage or scenario "
		"error;\n3 host unfit; 4 a subject failed or a run was void; 5 a bug in the harness\n");
}

int main(int argc, char **argv)
{
	log_init("bench", LOG_INFO);
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_help(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_BENCH_USAGE : 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("bench commit %s, %s, variant %s\n", BUILD_COMMIT, BUILD_COMPILER,
		       BUILD_VARIANT);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	log_error("%s: unknown verb (bench --help lists them)", argv[1]);
	return EXIT_BENCH_USAGE;
}
