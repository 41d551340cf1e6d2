/* Flags and modes of an extractor program; see program.h. */
#include "extractors/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/log.h"
#include "extractors/base/opt.h"
#include "extractors/conf.h"
#include "extractors/daemon.h"
#include "extractors/offline.h"

enum { EXIT_ASKED = 0, EXIT_USAGE = 2, EXIT_INTERNAL = 70 };

struct flags {
	bool help, version, exit_when_ready;
	char *extract, *replay;
};

#define FLAG(field, type, name, value, help_text) \
	OPT_ROW(struct flags, field, type, name, 0, value, NULL, 0, 0, help_text)

static const struct opt flag_table[] = {
	FLAG(extract, OPT_STRING, "extract", "FILE",
	     "read cases, print their features, and exit; - is standard input"),
	FLAG(replay, OPT_STRING, "replay", "FILE",
	     "read messages as from Redis, print what would be published, and exit"),
	FLAG(exit_when_ready, OPT_FLAG, "exit-when-ready", NULL,
	     "connect, subscribe, notify, and exit"),
	FLAG(version, OPT_FLAG, "version", NULL, "print commit, compiler and variant"),
	FLAG(help, OPT_FLAG, "help", NULL, "this text"),
};

static void print_help(const struct extractor_ops *ops)
{
	struct buf b = { 0 };

	buf_printf(
		&b,
		"usage: %s [--exit-when-ready | --extract FILE | --replay FILE]\n\n"
		"Turns %s events from Redis into features on Redis and in InfluxDB.\n\noptions:\n",
		ops->program, event_type_names[ops->type]);
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	buf_add_str(&b,
		    "\nconfiguration (environment, then .env in the working directory, then the "
		    "default):\n");
	conf_help(&b);
	buf_add_str(&b,
		    "\nsignals: SIGTERM, SIGINT stop it; SIGUSR1 prints the counters\n"
		    "exit codes: 0 asked to stop, 2 usage or configuration, 70 internal error\n");
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void print_version(const struct extractor_ops *ops)
{
	printf("%s commit %s, %s, variant %s, flags %s\n", ops->program, BUILD_COMMIT,
	       BUILD_COMPILER, BUILD_VARIANT, BUILD_FLAGS);
}

static struct engine_conf engine_conf(const struct extractor_ops *ops, const struct conf *c)
{
	return (struct engine_conf){
		.params = { .max_events = c->max_buffer_size ? (size_t)c->max_buffer_size
							     : ops->default_max_events,
			    .window_s = c->window_s,
			    .dev_mode = c->dev_mode },
		.update_interval_s = c->update_interval_s,
	};
}

/* 0 or an exit code; the line about it is in *e. */
static int run_mode(const struct extractor_ops *ops, const struct flags *f, const struct conf *c,
		    struct err *e)
{
	struct engine_conf ec = engine_conf(ops, c);
	int rc;

	if (f->extract)
		return offline_extract(ops, &ec.params, f->extract, e) ? EXIT_USAGE : 0;
	if (f->replay)
		return offline_replay(ops, &ec, c->trace, f->replay, e) ? EXIT_USAGE : 0;
	rc = daemon_run(ops, &ec, c, f->exit_when_ready, e);
	return !rc ? EXIT_ASKED : rc == -EINVAL ? EXIT_USAGE : EXIT_INTERNAL;
}

/* Which of two modes was meant is not guessed. */
static int parse_flags(struct flags *f, int argc, char **argv, struct err *e)
{
	int rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), f, argc, argv, e);

	if (rest < 0)
		return rest;
	if (rest > 0)
		return err_set(e, -EINVAL, "%s: unexpected argument (--help lists what there is)",
			       argv[1]);
	if (!!f->extract + !!f->replay + f->exit_when_ready + f->version + f->help > 1)
		return err_set(e, -EINVAL, "more than one mode given (--help lists them)");
	return 0;
}

/* Who starts us with stderr closed would find log lines in the first socket opened. */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int program_main(const struct extractor_ops *ops, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	struct conf c;
	int code = EXIT_ASKED;

	hold_standard_descriptors();
	log_init(ops->program, LOG_INFO);
	if (parse_flags(&f, argc, argv, &e))
		code = EXIT_USAGE;
	else if (f.help)
		print_help(ops);
	else if (f.version)
		print_version(ops);
	else {
		code = conf_load(&c, ".env", &e) ? EXIT_USAGE : 0;
		if (!code) {
			log_init(ops->program, (enum log_level)c.log_level);
			code = run_mode(ops, &f, &c, &e);
		}
		conf_release(&c);
	}
	if (code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
