/*
 * Parsers of /proc; see procfs_parse.h.
 *
 * A cursor over bytes that need not be NUL-terminated; `key: value` files go
 * through one table of fields.
 */
#include "harness/procfs_parse.h"

#include <string.h>

#include "extractors/base/num.h"

struct cursor {
	const char *p, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* Decimal, not negative; false on overflow or when no digit is there. */
static bool take_number(struct cursor *c, int64_t *out)
{
	int64_t v = 0;
	const char *from;

	skip_blanks(c);
	for (from = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *c->p - '0', &v))
			return false;
	*out = v;
	return c->p != from;
}

/* The same with a sign, for the fields of stat that may be -1. */
static bool take_signed(struct cursor *c, int64_t *out)
{
	skip_blanks(c);
	if (c->p < c->end && *c->p == '-') {
		c->p++;
		if (!take_number(c, out))
			return false;
		*out = -*out;
		return true;
	}
	return take_number(c, out);
}

static bool take_hex(struct cursor *c, uint64_t *out)
{
	uint64_t v = 0;
	const char *from;

	skip_blanks(c);
	for (from = c->p; c->p < c->end; c->p++) {
		static const char digits[] = "0123456789ABCDEFabcdef";
		const char *d = memchr(digits, *c->p, sizeof(digits) - 1);
		uint64_t value = d ? (uint64_t)(d - digits) : 0;

		if (!d || c->p - from == 16)
			break;
		v = v << 4 | (value < 16 ? value : value - 6);
	}
	*out = v;
	return c->p != from;
}

/* A word without blanks, as a C string. */
static bool take_word(struct cursor *c, char *word, size_t size)
{
	size_t n = 0;

	skip_blanks(c);
	while (c->p < c->end && *c->p != ' ' && *c->p != '\t' && *c->p != '\n') {
		if (n + 1 == size)
			return false;
		word[n++] = *c->p++;
	}
	word[n] = '\0';
	return n;
}

static bool take_double(struct cursor *c, double *out)
{
	char word[32];

	return take_word(c, word, sizeof(word)) && num_parse_double(word, out);
}

/* The rest of this line; false at the end of the text. */
static bool next_line(struct cursor *all, struct cursor *line)
{
	const char *nl;

	if (all->p >= all->end)
		return false;
	nl = memchr(all->p, '\n', (size_t)(all->end - all->p));
	line->p = all->p;
	line->end = nl ? nl : all->end;
	all->p = nl ? nl + 1 : all->end;
	return true;
}

/* The cursor stands on `prefix`: step over it. */
static bool take_prefix(struct cursor *c, const char *prefix)
{
	size_t n = strlen(prefix);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, prefix, n))
		return false;
	c->p += n;
	return true;
}

bool procfs_parse_stat(const char *text, size_t len, struct procfs_stat *out)
{
	/* Field numbers of proc(5); 3 is the first behind the name. */
	enum { PGRP = 5, SESSION = 6, MINFLT = 10, MAJFLT = 12, UTIME = 14, STIME = 15 };
	enum { THREADS = 20, START = 22 };
	struct cursor c = { text, text + len };
	int64_t f[START + 1] = { 0 }, pid;
	const char *close;
	char state;

	if (!take_number(&c, &pid))
		return false;
	/* The name may hold blanks and parentheses: the last one closes it. */
	close = memrchr(c.p, ')', (size_t)(c.end - c.p));
	if (!close)
		return false;
	c.p = close + 1;
	skip_blanks(&c);
	if (c.p == c.end)
		return false;
	state = *c.p++;
	for (int i = 4; i <= START; i++)
		if (!take_signed(&c, &f[i]))
			return false;
	*out = (struct procfs_stat){
		.pid = pid,
		.pgrp = f[PGRP],
		.session = f[SESSION],
		.state = state,
		.minor_faults = f[MINFLT],
		.major_faults = f[MAJFLT],
		.utime_ticks = f[UTIME],
		.stime_ticks = f[STIME],
		.threads = f[THREADS],
		.start_ticks = f[START],
	};
	return true;
}

bool procfs_parse_schedstat(const char *text, size_t len, struct procfs_schedstat *out)
{
	struct cursor c = { text, text + len };
	struct procfs_schedstat s;

	if (!take_number(&c, &s.cpu_ns) || !take_number(&c, &s.runq_wait_ns) ||
	    !take_number(&c, &s.timeslices))
		return false;
	*out = s;
	return true;
}

bool procfs_parse_statm(const char *text, size_t len, int64_t *rss_pages)
{
	struct cursor c = { text, text + len };
	int64_t size, rss;

	if (!take_number(&c, &size) || !take_number(&c, &rss))
		return false;
	*rss_pages = rss;
	return true;
}

/* `key: number[ kB]` lines, each into an int64_t of a struct. */
struct kv_field {
	const char *key; /* with its colon */
	size_t offset;
	bool required;
};

static bool take_value(struct cursor *line, int64_t *out)
{
	if (!take_number(line, out))
		return false;
	skip_blanks(line);
	if (take_prefix(line, "kB"))
		return !__builtin_mul_overflow(*out, 1024, out);
	return true;
}

static bool parse_fields(struct cursor all, const struct kv_field *fields, size_t n, void *out)
{
	struct cursor line;
	uint32_t seen = 0;

	while (next_line(&all, &line)) {
		for (size_t i = 0; i < n; i++) {
			int64_t v;

			if (!take_prefix(&line, fields[i].key))
				continue;
			if (!take_value(&line, &v))
				return false;
			memcpy((char *)out + fields[i].offset, &v, sizeof(v));
			seen |= UINT32_C(1) << i;
			break;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !(seen & UINT32_C(1) << i))
			return false;
	return true;
}

static bool parse_mask(struct cursor all, const char *key, uint64_t *out)
{
	struct cursor line;

	while (next_line(&all, &line))
		if (take_prefix(&line, key))
			return take_hex(&line, out);
	return false;
}

bool procfs_parse_status(const char *text, size_t len, struct procfs_status *out)
{
	static const struct kv_field fields[] = {
		{ "VmHWM:", offsetof(struct procfs_status, vm_hwm_bytes), false },
		{ "VmRSS:", offsetof(struct procfs_status, vm_rss_bytes), false },
		{ "voluntary_ctxt_switches:", offsetof(struct procfs_status, voluntary_switches),
		  true },
		{ "nonvoluntary_ctxt_switches:",
		  offsetof(struct procfs_status, involuntary_switches), true },
	};
	struct procfs_status s = { .vm_hwm_bytes = -1, .vm_rss_bytes = -1 };
	struct cursor c = { text, text + len };

	if (!parse_fields(c, fields, ARRAY_SIZE(fields), &s) ||
	    !parse_mask(c, "SigBlk:", &s.sig_blocked) || !parse_mask(c, "SigCgt:", &s.sig_caught))
		return false;
	*out = s;
	return true;
}

bool procfs_parse_rollup(const char *text, size_t len, struct procfs_rollup *out)
{
	static const struct kv_field fields[] = {
		{ "Rss:", offsetof(struct procfs_rollup, rss_bytes), true },
		{ "Pss:", offsetof(struct procfs_rollup, pss_bytes), true },
		{ "Private_Clean:", offsetof(struct procfs_rollup, private_clean_bytes), true },
		{ "Private_Dirty:", offsetof(struct procfs_rollup, private_dirty_bytes), true },
	};
	struct procfs_rollup r;

	if (!parse_fields((struct cursor){ text, text + len }, fields, ARRAY_SIZE(fields), &r))
		return false;
	*out = r;
	return true;
}

bool procfs_parse_io(const char *text, size_t len, struct procfs_io *out)
{
	static const struct kv_field fields[] = {
		{ "rchar:", offsetof(struct procfs_io, rchar_bytes), true },
		{ "wchar:", offsetof(struct procfs_io, wchar_bytes), true },
		{ "syscr:", offsetof(struct procfs_io, read_calls), true },
		{ "syscw:", offsetof(struct procfs_io, write_calls), true },
	};
	struct procfs_io io;

	if (!parse_fields((struct cursor){ text, text + len }, fields, ARRAY_SIZE(fields), &io))
		return false;
	*out = io;
	return true;
}

/* Lines "cpu0 …", "cpu1 …" */
static int64_t count_cpus(struct cursor all)
{
	struct cursor line;
	int64_t n = 0, number;

	while (next_line(&all, &line))
		n += take_prefix(&line, "cpu") && take_number(&line, &number);
	return n;
}

bool procfs_parse_cpu(const char *text, size_t len, struct procfs_cpu *out)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, COLUMNS };
	static const struct kv_field fields[] = {
		{ "ctxt", offsetof(struct procfs_cpu, switches), true },
	};
	struct cursor c = { text, text + len }, line;
	int64_t t[COLUMNS];
	struct procfs_cpu cpu;

	if (!next_line(&c, &line) || !take_prefix(&line, "cpu "))
		return false;
	for (int i = 0; i < COLUMNS; i++)
		if (!take_number(&line, &t[i]) || t[i] > INT64_MAX / COLUMNS)
			return false;
	cpu.cpus = count_cpus(c);
	if (!cpu.cpus || !parse_fields(c, fields, ARRAY_SIZE(fields), &cpu))
		return false;
	cpu.busy_ticks = t[USER] + t[NICE] + t[SYSTEM] + t[IRQ] + t[SOFTIRQ];
	cpu.idle_ticks = t[IDLE] + t[IOWAIT];
	cpu.steal_ticks = t[STEAL];
	*out = cpu;
	return true;
}

bool procfs_parse_loadavg(const char *text, size_t len, struct procfs_loadavg *out)
{
	struct cursor c = { text, text + len };
	struct procfs_loadavg l;

	if (!take_double(&c, &l.one) || !take_double(&c, &l.five) || !take_double(&c, &l.fifteen))
		return false;
	*out = l;
	return true;
}

bool procfs_parse_meminfo(const char *text, size_t len, struct procfs_meminfo *out)
{
	static const struct kv_field fields[] = {
		{ "MemAvailable:", offsetof(struct procfs_meminfo, available_bytes), true },
		{ "SwapTotal:", offsetof(struct procfs_meminfo, swap_total_bytes), true },
		{ "SwapFree:", offsetof(struct procfs_meminfo, swap_free_bytes), true },
	};
	struct procfs_meminfo m;

	if (!parse_fields((struct cursor){ text, text + len }, fields, ARRAY_SIZE(fields), &m))
		return false;
	*out = m;
	return true;
}

bool procfs_parse_pressure(const char *text, size_t len, struct procfs_pressure *out)
{
	struct cursor c = { text, text + len };
	struct procfs_pressure p;
	double avg60, avg300;

	if (!take_prefix(&c, "some avg10=") || !take_double(&c, &p.some_avg10_pct) ||
	    !take_prefix(&c, " avg60=") || !take_double(&c, &avg60) ||
	    !take_prefix(&c, " avg300=") || !take_double(&c, &avg300) ||
	    !take_prefix(&c, " total=") || !take_number(&c, &p.some_total_us))
		return false;
	*out = p;
	return true;
}

/* sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode … */
static bool parse_listener(struct cursor line, int *port, uint64_t *inode)
{
	enum { LISTEN = 0x0a }; /* TCP_LISTEN of include/net/tcp_states.h */
	char word[64];
	const char *colon;
	uint64_t v, state;
	int64_t n;

	if (!take_word(&line, word, sizeof(word)) || !take_word(&line, word, sizeof(word)))
		return false;
	colon = strrchr(word, ':');
	if (!colon || !take_hex(&(struct cursor){ colon + 1, word + strlen(word) }, &v) ||
	    v > 65535)
		return false;
	if (!take_word(&line, word, sizeof(word)) || !take_hex(&line, &state) || state != LISTEN)
		return false;
	for (int i = 0; i < 5; i++) /* tx:rx, tr:when, retrnsmt, uid, timeout */
		if (!take_word(&line, word, sizeof(word)))
			return false;
	if (!take_number(&line, &n))
		return false;
	*port = (int)v;
	*inode = (uint64_t)n;
	return true;
}

bool procfs_next_listener(const char *text, size_t len, size_t *pos, int *port, uint64_t *inode)
{
	struct cursor c = { text + *pos, text + len }, line;

	while (next_line(&c, &line)) {
		*pos = (size_t)(c.p - text);
		if (parse_listener(line, port, inode))
			return true;
	}
	return false;
}
