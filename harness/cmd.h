/* The verbs of `bench` and its exit codes (spec/measurement.md, "Exit codes"). */
#ifndef HARNESS_CMD_H
#define HARNESS_CMD_H

enum {
	EXIT_BENCH_REGRESSION = 1,
	EXIT_BENCH_USAGE = 2,
	EXIT_BENCH_UNFIT = 3,
	EXIT_BENCH_VOID = 4,
	EXIT_BENCH_BUG = 5,
};

/* Each gets its own argv, the verb first, and returns the exit code. */
int cmd_run(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_decide(int argc, char **argv);
int cmd_checklist(int argc, char **argv);
int cmd_signoff(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_scenarios(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_selfcheck(int argc, char **argv);
int cmd_export(int argc, char **argv);

#endif
