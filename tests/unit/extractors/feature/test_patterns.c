#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extractors/feature/patterns.h"
#include "tests/unit/extractors/feature/feature_tests.h"

/* One app after another, each event a second after the one before. */
static void count(struct patterns *p, const char **current, const char *to, int hour)
{
	struct span from = text(*current ? *current : "");
	bool changed = *current && strcmp(*current, to);

	patterns_count(p, changed ? &from : NULL, 1, text(to), hour);
	*current = to;
}

static void count_all(struct patterns *p, const char *const *apps, size_t n)
{
	const char *current = NULL;

	for (size_t i = 0; i < n; i++)
		count(p, &current, apps[i], 7);
}

static const char *written(const struct patterns *p, bool with_counts, struct buf *b)
{
	buf_reset(b);
	patterns_write_json(p, false, with_counts, b);
	return buf_str(b);
}

#define assert_contains(haystack, needle)                          \
	do {                                                       \
		if (!strstr(haystack, needle))                     \
			fail_msg("no %s in %s", needle, haystack); \
	} while (0)

static void nothing_counted_is_empty_objects(void **state UNUSED)
{
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 10);
	assert_string_equal(written(&p, false, &b),
			    "{\"transition_matrix\":{},\"time_preferences\":{},"
			    "\"usage_stats\":{\"most_used\":[],\"avg_durations\":{},"
			    "\"total_transitions\":0,\"unique_apps\":0},\"dev_mode\":false}");
	assert_contains(written(&p, true, &b),
			"\"counts\":{\"version\":1,\"events\":0,\"transitions_total\":0,"
			"\"apps\":[],\"transitions\":[]}}");
	buf_release(&b);
	patterns_release(&p);
}

static void most_used_are_the_ten_most_left_and_ties_go_by_first_seen(void **state UNUSED)
{
	static const char *const apps[] = { "l", "k", "j", "i", "h", "g", "f", "e", "d",
					    "c", "b", "a", "k", "j", "k", "l", "k" };
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 100);
	count_all(&p, apps, ARRAY_SIZE(apps));
	assert_contains(
		written(&p, false, &b),
		"\"most_used\":[[\"k\",3],[\"l\",2],[\"j\",2],[\"i\",1],[\"h\",1],[\"g\",1],"
		"[\"f\",1],[\"e\",1],[\"d\",1],[\"c\",1]],");
	assert_contains(b.data, "\"total_transitions\":16,\"unique_apps\":12}");
	buf_release(&b);
	patterns_release(&p);
}

static void shares_and_hours(void **state UNUSED)
{
	struct buf b = { 0 };
	struct patterns p;
	const char *current = NULL;

	patterns_init(&p, 100);
	count(&p, &current, "a", 23);
	count(&p, &current, "a", 0);
	count(&p, &current, "b", 0);
	count(&p, &current, "a", 9);
	count(&p, &current, "\"c\\", 9);
	assert_contains(written(&p, false, &b),
			"{\"transition_matrix\":{\"a->b\":0.5,\"b->a\":1,\"a->\\\"c\\\\\":0.5},");
	assert_contains(b.data, "\"a\":{\"0\":0.333333333333333");
	assert_contains(b.data, "\"9\":0.333333333333333");
	assert_contains(b.data, "\"b\":{\"0\":1},\"\\\"c\\\\\":{\"9\":1}}");
	assert_contains(b.data, "\"avg_durations\":{\"a\":1,\"b\":1}");
	buf_release(&b);
	patterns_release(&p);
}

/* "a->b" then "c", and "a" then "b->c". */
static void transitions_with_one_text_are_one_member(void **state UNUSED)
{
	static const char *const apps[] = { "a->b", "c", "x", "a", "b->c", "a", "x", "a", "y" };
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 100);
	count_all(&p, apps, ARRAY_SIZE(apps));
	assert_contains(written(&p, true, &b),
			"{\"transition_matrix\":{\"a->b->c\":0.3333333333333333,\"c->x\":1,");
	assert_null(strstr(b.data + 40, "\"a->b->c\":"));
	assert_contains(b.data, "[\"a->b\",\"c\",1,2]");
	assert_contains(b.data, "[\"a\",\"b->c\",1,5]");
	buf_release(&b);
	patterns_release(&p);
}

static void the_least_recently_counted_app_goes_with_its_transitions(void **state UNUSED)
{
	static const char *const apps[] = { "a", "b", "c", "a", "d" };
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 3); /* the pairs a-b b-c c-a are three: a-d pushes out a-b, d then b */
	count_all(&p, apps, ARRAY_SIZE(apps));
	assert_contains(written(&p, true, &b),
			"\"apps\":[[\"a\",2,2,5,{\"7\":2}],[\"c\",1,1,4,{\"7\":1}],"
			"[\"d\",0,0,5,{\"7\":1}]],"
			"\"transitions\":[[\"c\",\"a\",1,4],[\"a\",\"d\",1,5]]");
	assert_int_equal(p.evicted, 2);
	assert_contains(b.data, "\"total_transitions\":4,\"unique_apps\":2}");
	buf_release(&b);
	patterns_release(&p);
}

static void with_room_for_one_only_the_current_app_is_kept(void **state UNUSED)
{
	static const char *const apps[] = { "a", "b", "b", "a", "c" };
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 1);
	count_all(&p, apps, ARRAY_SIZE(apps));
	assert_contains(written(&p, true, &b),
			"\"apps\":[[\"c\",0,0,5,{\"7\":1}]],\"transitions\":[]}");
	assert_int_equal(p.evicted, 3);
	buf_release(&b);
	patterns_release(&p);
}

/* ---- the rules of extractors/README.md "Saved patterns", with lists and searches ---- */

#define NAIVE_ROWS 64

struct naive_app {
	const char *name;
	uint64_t left, last, hours[HOURS];
	double seconds;
};

struct naive_transition {
	const char *from, *to;
	uint64_t count, last;
};

struct naive {
	size_t max, n_apps, n_transitions;
	struct naive_app apps[NAIVE_ROWS]; /* in the order made */
	struct naive_transition transitions[NAIVE_ROWS];
	uint64_t events, total, evicted;
};

static size_t naive_find_app(const struct naive *p, const char *name)
{
	size_t i = 0;

	while (i < p->n_apps && strcmp(p->apps[i].name, name))
		i++;
	return i;
}

static void naive_remove_transition(struct naive *p, size_t i)
{
	memmove(&p->transitions[i], &p->transitions[i + 1],
		(--p->n_transitions - i) * sizeof(p->transitions[0]));
}

static void naive_count_transition(struct naive *p, const char *from, const char *to)
{
	size_t i = 0, a = naive_find_app(p, from), oldest = 0;

	p->total++;
	p->apps[a].left++;
	p->apps[a].last = p->events;
	p->apps[a].seconds += 1;
	while (i < p->n_transitions &&
	       (strcmp(p->transitions[i].from, from) || strcmp(p->transitions[i].to, to)))
		i++;
	if (i == p->max) {
		for (size_t k = 0; k < p->n_transitions; k++)
			if (p->transitions[k].last < p->transitions[oldest].last)
				oldest = k;
		naive_remove_transition(p, oldest);
		p->evicted++;
		i--;
	}
	if (i == p->n_transitions)
		p->transitions[p->n_transitions++] = (struct naive_transition){ from, to, 0, 0 };
	p->transitions[i].count++;
	p->transitions[i].last = p->events;
}

static void naive_push_out_app(struct naive *p)
{
	size_t oldest = 0;

	for (size_t k = 0; k < p->n_apps; k++)
		if (p->apps[k].last < p->apps[oldest].last)
			oldest = k;
	for (size_t k = p->n_transitions; k-- > 0;)
		if (!strcmp(p->transitions[k].from, p->apps[oldest].name))
			naive_remove_transition(p, k);
	memmove(&p->apps[oldest], &p->apps[oldest + 1],
		(--p->n_apps - oldest) * sizeof(p->apps[0]));
	p->evicted++;
}

static void naive_count(struct naive *p, const char *from, const char *to, int hour)
{
	size_t i;

	p->events++;
	if (from)
		naive_count_transition(p, from, to);
	i = naive_find_app(p, to);
	if (i == p->n_apps) {
		if (p->n_apps == p->max)
			naive_push_out_app(p);
		i = p->n_apps++;
		p->apps[i] = (struct naive_app){ .name = to };
	}
	p->apps[i].hours[hour]++;
	p->apps[i].last = p->events;
}

static void naive_write(const struct naive *p, struct buf *b)
{
	buf_printf(b, "\"events\":%d,\"transitions_total\":%d,\"apps\":[", (int)p->events,
		   (int)p->total);
	for (size_t i = 0; i < p->n_apps; i++) {
		const struct naive_app *a = &p->apps[i];
		const char *sep = "";

		buf_printf(b, "%s[\"%s\",%d,%g,%d,{", i ? "," : "", a->name, (int)a->left,
			   a->seconds, (int)a->last);
		for (int h = 0; h < HOURS; h++)
			if (a->hours[h]) {
				buf_printf(b, "%s\"%d\":%d", sep, h, (int)a->hours[h]);
				sep = ",";
			}
		buf_add_str(b, "}]");
	}
	buf_add_str(b, "],\"transitions\":[");
	for (size_t i = 0; i < p->n_transitions; i++)
		buf_printf(b, "%s[\"%s\",\"%s\",%d,%d]", i ? "," : "", p->transitions[i].from,
			   p->transitions[i].to, (int)p->transitions[i].count,
			   (int)p->transitions[i].last);
	buf_add_str(b, "]");
}

/* Saved and loaded again at random moments, as a restart in between would do. */
static void random_use_with_restarts_agrees_with_the_rules(void **state UNUSED)
{
	static const size_t maxima[] = { 1, 2, 3, 5, 12, 40, 60 };
	static char names[20][8];
	uint64_t seed = 23;

	for (int i = 0; i < 20; i++)
		snprintf(names[i], sizeof(names[i]), "app%d", i);
	for (size_t round = 0; round < 10 * ARRAY_SIZE(maxima); round++) {
		struct naive n = { .max = maxima[round % ARRAY_SIZE(maxima)] };
		struct buf json = { 0 }, want = { 0 };
		const char *current = NULL;
		struct patterns p;
		struct err e = ERR_INIT;

		patterns_init(&p, n.max);
		for (int i = 0; i < 400; i++) {
			const char *to = names[rnd_below(&seed, 3 + rnd_below(&seed, 18))];
			int hour = (int)rnd_below(&seed, HOURS);

			naive_count(&n, current && current != to ? current : NULL, to, hour);
			count(&p, &current, to, hour);
			if (rnd_below(&seed, 10))
				continue;
			buf_reset(&want);
			naive_write(&n, &want);
			assert_contains(written(&p, true, &json), buf_str(&want));
			assert_int_equal(p.evicted, n.evicted);
			if (patterns_read_json(&p, json.data, json.len, &e))
				fail_msg("%s", e.text);
			n.evicted = 0; /* of the new process */
		}
		buf_release(&json);
		buf_release(&want);
		patterns_release(&p);
	}
}

/* A valid document with one piece of it exchanged. */
static void documents_that_are_amiss_are_left_alone(void **state UNUSED)
{
#define DOC(version, apps, transitions)                         \
	"{\"x\":[{}],\"counts\":{\"transitions\":[" transitions \
	"],\"y\":null,\"version\":" version                     \
	",\"events\":9,\"transitions_total\":4,\"apps\":[" apps "]}}"
#define A "[\"a\",2,1.5,9,{\"0\":1,\"23\":2}]"
#define B "[\"\\u00f6\\n\",0,-1e-3,3,{\"7\":1}]"
#define T "[\"a\",\"b\",1,4]"
	static const struct {
		const char *json;
		bool good;
	} rows[] = {
		{ DOC("1", A "," B, T), true },
		{ DOC("1", "", ""), true },
		{ " " DOC("1", A, T) "\n", true },
		{ DOC("1", A, "[\"a\",\"b\",1,4] , [\"a\",\"c\",1,4]"), true },
		{ "", false },
		{ "null", false },
		{ "[]", false },
		{ "{}", false }, /* no counts */
		{ "{\"counts\":{}}", false },
		{ "{\"counts\":[]}", false },
		{ DOC("1", A, T) "x", false },
		{ DOC("2", A, T), false },
		{ DOC("1.0", A, T), false },
		{ DOC("null", A, T), false },
		{ DOC("1", A "," A, T), false }, /* twice */
		{ DOC("1", A, T "," T), false },
		{ DOC("1", B, T), false },		     /* from where? */
		{ DOC("1", A, "[\"a\",\"b\",3,4]"), false }, /* left twice only */
		{ DOC("1", A, "[\"a\",\"b\",2,4],[\"a\",\"c\",1,4]"), false },
		{ DOC("1", A, "[\"a\",\"b\",0,4]"), false },
		{ DOC("1", A, "[\"a\",\"b\",1,10]"), false }, /* of the future */
		{ DOC("1", A, "[\"a\",\"\",1,4]"), false },
		{ DOC("1", A, "[\"a\",1,1,4]"), false },
		{ DOC("1", A, "[\"a\",\"b\",1,4,5]"), false },
		{ DOC("1", A, "[\"a\",\"b\",1]"), false },
		{ DOC("1", A, "[\"a\",\"\\ud800\",1,4]"), false }, /* half a pair */
		{ DOC("1", A, "[\"a\",\"\xff\",1,4]"), false },
		{ DOC("1", "[\"a\",2,1,9,{}]", T), false }, /* no event */
		{ DOC("1", "[\"a\",2,1,9,{\"24\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1,9,{\"07\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1,9,{\"7\":0}]", T), false },
		{ DOC("1", "[\"a\",2,1,9,{\"7\":1,\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1,10,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1,0,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",-2,1,9,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1e999,9,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",2,null,9,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",9007199254740993,1,9,{\"7\":1}]", T), false },
		{ DOC("1", "[\"a\",2,1,9,{\"7\":1}", T), false },
		{ DOC("1", A ",", T), false },
	};
	struct buf before = { 0 }, after = { 0 };
	struct patterns p;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		const char *apps[] = { "kept", "as", "kept" };
		int rc;

		patterns_init(&p, 10);
		count_all(&p, apps, ARRAY_SIZE(apps));
		written(&p, true, &before);
		rc = patterns_read_json(&p, rows[i].json, strlen(rows[i].json), &e);
		if (rc != (rows[i].good ? 0 : -EINVAL))
			fail_msg("%s: %d %s", rows[i].json, rc, e.text);
		written(&p, true, &after);
		if (!rows[i].good) {
			assert_non_null(strstr(e.text, "saved patterns"));
			assert_string_equal(buf_str(&before), buf_str(&after));
		}
		patterns_release(&p);
	}
	buf_release(&before);
	buf_release(&after);
}

/* No byte behind the document may be read: it ends where the memory ends. */
static void a_document_cut_off_anywhere_is_left_alone(void **state UNUSED)
{
	static const char doc[] = DOC("1", "[\"a\",2,1.23456789012345678901234,9,{\"0\":1}]", T);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct patterns p;

	assert_ptr_not_equal(two, MAP_FAILED);
	assert_int_equal(mprotect(two + page, page, PROT_NONE), 0);
	patterns_init(&p, 10);
	for (size_t len = 0; len < sizeof(doc); len++) {
		int want = len == sizeof(doc) - 1 ? 0 : -EINVAL;

		memcpy(two + page - len, doc, len);
		assert_int_equal(patterns_read_json(&p, two + page - len, len, NULL), want);
	}
	patterns_release(&p);
	munmap(two, 2 * page);
}

static void more_rows_than_there_is_room_for_push_out_the_oldest(void **state UNUSED)
{
	static const char doc[] =
		"{\"counts\":{\"version\":1,\"events\":9,\"transitions_total\":8,"
		"\"apps\":[[\"a\",3,3,9,{\"7\":3}],[\"b\",2,2,2,{\"7\":2}],"
		"[\"c\",3,3,8,{\"7\":3}]],"
		"\"transitions\":[[\"a\",\"b\",1,1],[\"b\",\"c\",2,6],[\"a\",\"c\",2,8],"
		"[\"c\",\"a\",3,7]]}}";
	struct buf b = { 0 };
	struct patterns p;

	patterns_init(&p, 2);
	assert_int_equal(patterns_read_json(&p, doc, sizeof(doc) - 1, NULL), 0);
	assert_contains(written(&p, true, &b),
			"\"apps\":[[\"a\",3,3,9,{\"7\":3}],[\"c\",3,3,8,{\"7\":3}]],"
			"\"transitions\":[[\"a\",\"c\",2,8],[\"c\",\"a\",3,7]]}");
	assert_int_equal(p.evicted, 2); /* the app b, and the transition a->b */
	assert_contains(b.data, "\"total_transitions\":8,");
	buf_release(&b);
	patterns_release(&p);
}

static void hostile_names_do_not_make_the_tables_grow(void **state UNUSED)
{
	static char names[2][EVENT_NAME_MAX + 1];
	struct patterns p;

	patterns_init(&p, 100);
	memset(names, 'x', sizeof(names));
	for (int i = 0; i < 20000; i++) {
		struct span from = { names[(i + 1) % 2], EVENT_NAME_MAX },
			    to = { names[i % 2], EVENT_NAME_MAX };

		snprintf(names[i % 2], 16, "%015d", i);
		names[i % 2][15] = 'x';
		patterns_count(&p, i ? &from : NULL, 1, to, 0);
	}
	assert_true(p.n_apps <= 100 && p.n_trans <= 100);
	assert_true(p.names.slots <= 256 && p.trans_cap <= 128);
	patterns_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counted_is_empty_objects),
		cmocka_unit_test(most_used_are_the_ten_most_left_and_ties_go_by_first_seen),
		cmocka_unit_test(shares_and_hours),
		cmocka_unit_test(transitions_with_one_text_are_one_member),
		cmocka_unit_test(the_least_recently_counted_app_goes_with_its_transitions),
		cmocka_unit_test(with_room_for_one_only_the_current_app_is_kept),
		cmocka_unit_test(random_use_with_restarts_agrees_with_the_rules),
		cmocka_unit_test(documents_that_are_amiss_are_left_alone),
		cmocka_unit_test(a_document_cut_off_anywhere_is_left_alone),
		cmocka_unit_test(more_rows_than_there_is_room_for_push_out_the_oldest),
		cmocka_unit_test(hostile_names_do_not_make_the_tables_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
