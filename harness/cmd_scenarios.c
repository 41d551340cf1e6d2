/* `bench scenarios`: what there is to run, and every key of a scenario file. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/log.h"
#include "harness/cmd.h"
#include "harness/dirs.h"
#include "harness/judge/checklist_rules.h"
#include "harness/judge/decision_rules.h"
#include "harness/scenario.h"
#include "harness/subject.h"

static int print_one(const char *path, struct err *e)
{
	struct scenario sc;
	const char *base = strrchr(path, '/');
	int rc = scenario_load(&sc, path, e);

	if (!rc)
		printf("  %-16.*s %s\n", (int)strcspn(base + 1, "."), base + 1,
		       sc.title ? sc.title : "");
	scenario_release(&sc);
	return rc;
}

static int list(struct err *e)
{
	struct buf root = { 0 }, bin = { 0 };
	glob_t found = { 0 };
	int rc = dirs_find(&root, &bin, e);

	if (!rc) {
		buf_add_str(&root, "/scenarios/*.ini");
		(void)!glob(buf_str(&root), 0, NULL, &found);
	}
	for (size_t i = 0; !rc && i < found.gl_pathc; i++)
		if (scenario_is_one(found.gl_pathv[i]))
			rc = print_one(found.gl_pathv[i], e);
	globfree(&found);
	buf_release(&root);
	buf_release(&bin);
	return rc;
}

int cmd_scenarios(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct buf text = { 0 };

	if (argc > 1 && !strcmp(argv[1], "--keys")) {
		scenario_markdown(&text);
		decision_rules_markdown(&text);
		checklist_rules_markdown(&text);
	} else if (argc > 1 && !strcmp(argv[1], "--subject-keys")) {
		subject_markdown(&text);
	} else if (argc > 1) {
		buf_add_str(
			&text,
			"usage: bench scenarios [--keys | --subject-keys]\n\nLists the scenarios, or "
			"the keys of scenario or subject files as Markdown.\n");
	} else {
		(void)!list(&e);
	}
	fwrite(text.data, 1, text.len, stdout);
	buf_release(&text);
	if (e.code)
		log_error("%s", e.text);
	return e.code ? EXIT_BENCH_USAGE : 0;
}
