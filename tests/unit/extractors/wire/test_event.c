/* Messages to events and back: the table of extractors/README.md, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/rng.h"
#include "extractors/wire/event.h"

/* The message lies in a block of exact size: a read behind it is seen by the sanitizer. */
static struct decoded {
	char *msg;
	struct event ev;
	struct event_scratch scratch;
} d;

static enum event_verdict decode_n(const char *msg, size_t len, int own)
{
	free(d.msg);
	d.msg = malloc(len ? len : 1);
	memcpy(d.msg, msg, len);
	return own < 0 ? event_decode_any(d.msg, len, &d.ev, &d.scratch)
		       : event_decode(d.msg, len, (enum event_type)own, &d.ev, &d.scratch);
}

static enum event_verdict decode(const char *msg, int own)
{
	return decode_n(msg, strlen(msg), own);
}

static void assert_verdict(const char *msg, int own, enum event_verdict expected)
{
	enum event_verdict got = decode(msg, own);

	if (got != expected)
		fail_msg("%.200s\n for %d: %s, expected %s", msg, own, event_verdict_names[got],
			 event_verdict_names[expected]);
}

#define KEY(rest)   "{\"type\":\"keystroke\",\"ts\":1792522987000123" rest "}"
#define MOUSE(rest) "{\"type\":\"mouse\",\"ts\":1792522987000123" rest "}"
#define APP(rest)   "{\"type\":\"app\",\"ts\":1792522987000123" rest "}"
#define PRESS	    ",\"event\":\"press\""
#define MOVE	    ",\"event\":\"move\""
#define A100 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A500 A100 A100 A100 A100 A100
#define E50                                                            \
	"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" \
	"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" \
	"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" \
	"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" \
	"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"

struct row {
	const char *msg;
	enum event_verdict expected;
};

static void assert_rows(const struct row *rows, size_t n, enum event_type own)
{
	for (size_t i = 0; i < n; i++) {
		assert_verdict(rows[i].msg, (int)own, rows[i].expected);
		assert_verdict(rows[i].msg, -1, rows[i].expected);
	}
}

static void any_message_is_utf8_json_an_object_and_of_a_known_type(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "", REJECT_NOT_JSON },
		{ " ", REJECT_NOT_JSON },
		{ "{", REJECT_NOT_JSON },
		{ "{}", REJECT_BAD_TYPE },
		{ " \t\r\n{ } ", REJECT_BAD_TYPE },
		{ "[]", REJECT_NOT_OBJECT },
		{ "null", REJECT_NOT_OBJECT },
		{ " 12 ", REJECT_NOT_OBJECT },
		{ "\"text\"", REJECT_NOT_OBJECT },
		{ "12 13", REJECT_NOT_JSON },
		{ "NaN", REJECT_NOT_JSON },
		{ "{}x", REJECT_NOT_JSON },
		{ "{} {}", REJECT_NOT_JSON },
		{ "\xef\xbb\xbf{}", REJECT_NOT_JSON },
		{ "{\"a\":NaN}", REJECT_NOT_JSON },
		{ "{\"a\":01}", REJECT_NOT_JSON },
		{ "{\"a\":1,}", REJECT_NOT_JSON },
		{ "{'a':1}", REJECT_NOT_JSON },
		{ "\xff", REJECT_NOT_UTF8 },
		{ "{\"a\":\"\xed\xa0\x80\"}", REJECT_NOT_UTF8 },
		{ "{\"type\":null}", REJECT_BAD_TYPE },
		{ "{\"type\":1}", REJECT_BAD_TYPE },
		{ "{\"type\":[]}", REJECT_BAD_TYPE },
		{ "{\"type\":\"\"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"Mouse\"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"mouse \"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"mous\"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"keystroke\\u0000\"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"\\ud800\"}", REJECT_BAD_TYPE },
		{ "{\"type\":\"" A100 "\"}", REJECT_BAD_TYPE },
		{ "{\"Type\":\"app\",\"ts\":1,\"app_name\":\"x\"}", REJECT_BAD_TYPE },
		{ "{\"type\\u0000\":\"app\",\"ts\":1,\"app_name\":\"x\"}", REJECT_BAD_TYPE },
	};

	for (enum event_type own = 0; own < EVENT_TYPES; own++)
		assert_rows(rows, ARRAY_SIZE(rows), own);
}

static void the_time_must_be_a_whole_number_in_its_range(void **state UNUSED)
{
#define TS(value) "{\"type\":\"app\",\"app_name\":\"x\",\"ts\":" value "}"
	static const struct row rows[] = {
		{ TS("1"), EVENT_OWN },
		{ TS("4102444800000000"), EVENT_OWN },
		{ TS("0"), REJECT_BAD_TS },
		{ TS("-0"), REJECT_BAD_TS },
		{ TS("-1"), REJECT_BAD_TS },
		{ TS("4102444800000001"), REJECT_BAD_TS },
		{ TS("18446744073709551617"), REJECT_BAD_TS }, /* 2^64 + 1 */
		{ TS("99999999999999999999999999999999"), REJECT_BAD_TS },
		{ TS("1.0"), REJECT_BAD_TS },
		{ TS("1e3"), REJECT_BAD_TS },
		{ TS("true"), REJECT_BAD_TS },
		{ TS("null"), REJECT_BAD_TS },
		{ TS("\"1\""), REJECT_BAD_TS },
		{ TS("[1]"), REJECT_BAD_TS },
		{ TS("{}"), REJECT_BAD_TS },
		{ "{\"type\":\"app\",\"app_name\":\"x\"}", REJECT_BAD_TS },
	};

	assert_rows(rows, ARRAY_SIZE(rows), EVENT_APP);
}

static void a_keystroke_has_a_key_and_an_event(void **state UNUSED)
{
	static const struct row rows[] = {
		{ KEY(",\"key\":\"KeyA\"" PRESS), EVENT_OWN },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"release\""), EVENT_OWN },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"pre\\u0073s\""), EVENT_OWN },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"move\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"focus\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"Press\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"pres\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"pressx\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":\"\""), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":null"), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":1"), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\",\"event\":[\"press\"]"), REJECT_BAD_EVENT },
		{ KEY(",\"key\":\"KeyA\""), REJECT_BAD_EVENT },
		{ KEY(PRESS), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":null"), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":65"), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":[\"KeyA\"]"), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"" A100 "\""), EVENT_OWN },
		{ KEY(PRESS ",\"key\":\"" A100 "a\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"" E50 "\""), EVENT_OWN },
		{ KEY(PRESS ",\"key\":\"" E50 "a\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"\\n" A100 "\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"\\u0000\""), EVENT_OWN },
		{ KEY(PRESS ",\"key\":\"\\ud83d\\ude00\""), EVENT_OWN },
		{ KEY(PRESS ",\"key\":\"\\ud83d\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"\\ude00\\ud83d\""), REJECT_BAD_KEY },
		{ KEY(PRESS ",\"key\":\"\\u00zz\""), REJECT_NOT_JSON },
		/* what belongs to other types is not looked at */
		{ KEY(PRESS ",\"key\":\"KeyA\",\"x\":true,\"button\":1,\"app_name\":\"\""),
		  EVENT_OWN },
	};

	assert_rows(rows, ARRAY_SIZE(rows), EVENT_KEYSTROKE);
}

static void a_mouse_event_has_sound_numbers_and_a_button_or_none(void **state UNUSED)
{
	static const struct row rows[] = {
		{ MOUSE(MOVE
			",\"x\":1175.421875,\"y\":50.19140625,\"button\":null,\"scroll_delta\":null"),
		  EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":1,\"y\":-2"), EVENT_OWN },
		{ MOUSE(PRESS ",\"x\":null,\"y\":null,\"button\":\"Left\""), EVENT_OWN },
		{ MOUSE(",\"event\":\"release\""), EVENT_OWN },
		{ MOUSE(",\"event\":\"scroll\",\"scroll_delta\":-3"), EVENT_OWN },
		{ MOUSE(",\"event\":\"click\""), EVENT_OWN },
		{ MOUSE(",\"event\":\"focus\""), REJECT_BAD_EVENT },
		{ MOUSE(",\"event\":\"drag\""), REJECT_BAD_EVENT },
		{ MOUSE(",\"event\":null"), REJECT_BAD_EVENT },
		{ MOUSE(""), REJECT_BAD_EVENT },
		/* a move has both coordinates or none */
		{ MOUSE(MOVE), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":null,\"y\":null"), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":null"), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":1"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"y\":1"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":1,\"y\":null"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":null,\"y\":1"), REJECT_BAD_COORDINATE },
		{ MOUSE(PRESS ",\"x\":1"), EVENT_OWN },
		{ MOUSE(PRESS ",\"y\":1,\"x\":null"), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":1000000,\"y\":-1e6"), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":1000000.0000000001,\"y\":0"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":1000000.00000000000001,\"y\":0"),
		  EVENT_OWN }, /* the double is 1e6 */
		{ MOUSE(MOVE ",\"x\":0,\"y\":-1000001"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":1e400,\"y\":0"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":1e-400,\"y\":0"), EVENT_OWN },
		{ MOUSE(MOVE ",\"x\":true,\"y\":0"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":\"1\",\"y\":0"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":[1],\"y\":0"), REJECT_BAD_COORDINATE },
		{ MOUSE(PRESS ",\"x\":null,\"y\":false"), REJECT_BAD_COORDINATE },
		{ MOUSE(MOVE ",\"x\":NaN,\"y\":0"), REJECT_NOT_JSON },
		/* button */
		{ MOUSE(PRESS ",\"button\":\"Side\""), EVENT_OWN },
		{ MOUSE(PRESS ",\"button\":\"\""), EVENT_OWN },
		{ MOUSE(PRESS ",\"button\":\"" A100 "\""), EVENT_OWN },
		{ MOUSE(PRESS ",\"button\":\"" A100 "a\""), REJECT_BAD_BUTTON },
		{ MOUSE(PRESS ",\"button\":1"), REJECT_BAD_BUTTON },
		{ MOUSE(PRESS ",\"button\":true"), REJECT_BAD_BUTTON },
		{ MOUSE(PRESS ",\"button\":{}"), REJECT_BAD_BUTTON },
		{ MOUSE(PRESS ",\"button\":\"\\udc00\""), REJECT_BAD_BUTTON },
		{ MOUSE(MOVE ",\"x\":1,\"y\":1,\"button\":1"), REJECT_BAD_BUTTON },
		/* scroll_delta */
		{ MOUSE(PRESS ",\"scroll_delta\":10000"), EVENT_OWN },
		{ MOUSE(PRESS ",\"scroll_delta\":-10000"), EVENT_OWN },
		{ MOUSE(PRESS ",\"scroll_delta\":-0"), EVENT_OWN },
		{ MOUSE(PRESS ",\"scroll_delta\":10001"), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"scroll_delta\":-10001"), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"scroll_delta\":4294967296"),
		  REJECT_BAD_SCROLL }, /* 0 in 32 bits */
		{ MOUSE(PRESS ",\"scroll_delta\":18446744073709551616"),
		  REJECT_BAD_SCROLL }, /* in 64 */
		{ MOUSE(PRESS ",\"scroll_delta\":1.0"), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"scroll_delta\":1e1"), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"scroll_delta\":false"), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"scroll_delta\":\"1\""), REJECT_BAD_SCROLL },
		{ MOUSE(PRESS ",\"key\":0,\"app_name\":[]"), EVENT_OWN },
	};

	assert_rows(rows, ARRAY_SIZE(rows), EVENT_MOUSE);
}

static void an_app_event_has_a_name_and_at_most_the_event_focus(void **state UNUSED)
{
	static const struct row rows[] = {
		{ APP(",\"app_name\":\"firefox\",\"window_class\":\"Navigator\",\"event\":\"focus\""),
		  EVENT_OWN },
		{ APP(",\"app_name\":\"firefox\""), EVENT_OWN },
		{ APP(",\"app_name\":\"firefox\",\"window_class\":[1,{\"a\":null}]"), EVENT_OWN },
		{ APP(",\"app_name\":\"firefox\",\"event\":null"), REJECT_BAD_EVENT },
		{ APP(",\"app_name\":\"firefox\",\"event\":\"blur\""), REJECT_BAD_EVENT },
		{ APP(",\"app_name\":\"firefox\",\"event\":\"press\""), REJECT_BAD_EVENT },
		{ APP(",\"app_name\":\"firefox\",\"event\":false"), REJECT_BAD_EVENT },
		{ APP(""), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":null"), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":0"), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":\"\""), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":\"" A500 "\""), EVENT_OWN },
		{ APP(",\"app_name\":\"" A500 "a\""), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":\"\\t" A500 "\""), REJECT_BAD_APP_NAME },
		{ APP(",\"app_name\":\"x\\ud800\""), REJECT_BAD_APP_NAME },
	};

	assert_rows(rows, ARRAY_SIZE(rows), EVENT_APP);
}

/* From one row to the next the first fault is put right: the next one must be the one that is named. */
static void of_several_faults_the_first_in_the_order_is_named(void **state UNUSED)
{
	static const struct row keystroke[] = {
		{ "\xff{\"type\":1,\"ts\":0", REJECT_NOT_UTF8 },
		{ "{\"type\":1,\"ts\":0", REJECT_NOT_JSON },
		{ "[{\"type\":1,\"ts\":0}]", REJECT_NOT_OBJECT },
		{ "{\"type\":1,\"ts\":0,\"event\":1,\"key\":1}", REJECT_BAD_TYPE },
		{ "{\"type\":\"keystroke\",\"ts\":0,\"event\":1,\"key\":1}", REJECT_BAD_TS },
		{ "{\"type\":\"keystroke\",\"ts\":1,\"event\":1,\"key\":1}", REJECT_BAD_EVENT },
		{ "{\"type\":\"keystroke\",\"ts\":1,\"event\":\"press\",\"key\":1}",
		  REJECT_BAD_KEY },
		{ "{\"type\":\"keystroke\",\"ts\":1,\"event\":\"press\",\"key\":\"1\"}",
		  EVENT_OWN },
	};
	static const struct row mouse[] = {
		{ "{\"scroll_delta\":\"\",\"button\":1,\"y\":\"\",\"x\":1,\"event\":\"\",\"ts\":0,\"type\":\"mouse\"}",
		  REJECT_BAD_TS },
		{ "{\"scroll_delta\":\"\",\"button\":1,\"y\":\"\",\"x\":1,\"event\":\"\",\"ts\":1,\"type\":\"mouse\"}",
		  REJECT_BAD_EVENT },
		{ "{\"scroll_delta\":\"\",\"button\":1,\"y\":\"\",\"x\":1,\"event\":\"move\",\"ts\":1,\"type\":\"mouse\"}",
		  REJECT_BAD_COORDINATE },
		{ "{\"scroll_delta\":\"\",\"button\":1,\"y\":2,\"x\":1,\"event\":\"move\",\"ts\":1,\"type\":\"mouse\"}",
		  REJECT_BAD_BUTTON },
		{ "{\"scroll_delta\":\"\",\"button\":\"\",\"y\":2,\"x\":1,\"event\":\"move\",\"ts\":1,\"type\":\"mouse\"}",
		  REJECT_BAD_SCROLL },
		{ "{\"scroll_delta\":0,\"button\":\"\",\"y\":2,\"x\":1,\"event\":\"move\",\"ts\":1,\"type\":\"mouse\"}",
		  EVENT_OWN },
	};
	static const struct row app[] = {
		{ "{\"ts\":0,\"event\":1,\"app_name\":1,\"type\":\"app\"}", REJECT_BAD_TS },
		{ "{\"ts\":1,\"event\":1,\"app_name\":1,\"type\":\"app\"}", REJECT_BAD_EVENT },
		{ "{\"ts\":1,\"app_name\":1,\"type\":\"app\"}", REJECT_BAD_APP_NAME },
		{ "{\"ts\":1,\"app_name\":\"1\",\"type\":\"app\"}", EVENT_OWN },
	};

	assert_rows(keystroke, ARRAY_SIZE(keystroke), EVENT_KEYSTROKE);
	assert_rows(mouse, ARRAY_SIZE(mouse), EVENT_MOUSE);
	assert_rows(app, ARRAY_SIZE(app), EVENT_APP);
}

/* `head`, filled up with spaces, then `tail`. */
static enum event_verdict decode_padded(const char *head, const char *tail, size_t len, int own)
{
	char *msg = malloc(len);
	enum event_verdict v;

	memset(msg, ' ', len);
	memcpy(msg, head, strlen(head));
	memcpy(msg + len - strlen(tail), tail, strlen(tail));
	v = decode_n(msg, len, own);
	free(msg);
	return v;
}

static void the_length_is_looked_at_before_all_else(void **state UNUSED)
{
	static const char head[] = "{\"type\":\"app\",\"ts\":1,\"app_name\":\"x\"";

	assert_int_equal(decode_padded(head, "}", EVENT_MSG_MAX, EVENT_APP), EVENT_OWN);
	assert_int_equal(decode_padded(head, "}", EVENT_MSG_MAX + 1, EVENT_APP), REJECT_TOO_LONG);
	assert_int_equal(decode_padded(head, "}", EVENT_MSG_MAX, EVENT_MOUSE), EVENT_OTHER);
	assert_int_equal(decode_padded(head, "}", EVENT_MSG_MAX + 1, EVENT_MOUSE), REJECT_TOO_LONG);
	assert_int_equal(decode_padded("\xff", "", EVENT_MSG_MAX + 1, EVENT_APP), REJECT_TOO_LONG);
	assert_int_equal(decode_padded("\xff", "", EVENT_MSG_MAX, EVENT_APP), REJECT_NOT_UTF8);
}

static void other_types_are_told_by_their_first_bytes_alone(void **state UNUSED)
{
	static const struct {
		const char *msg;
		enum event_verdict for_keystroke, for_app;
	} rows[] = {
		/* the shortest that the rule covers, and the one below */
		{ "{\"type\":\"app\"}", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"type\":\"app}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\": \"app\"}", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"type\":\"app\",}", EVENT_OTHER, REJECT_NOT_JSON },
		{ "{\"type\": \"app\",}", EVENT_OTHER, REJECT_NOT_JSON },
		{ "{\"type\":\"app\",garbage}", EVENT_OTHER, REJECT_NOT_JSON },
		{ "{\"type\":\"app\",\xff}", EVENT_OTHER, REJECT_NOT_UTF8 },
		{ "{\"type\":\"app\"}}", EVENT_OTHER, REJECT_NOT_JSON },
		{ "{\"type\":\"app\"}garbage}", EVENT_OTHER, REJECT_NOT_JSON },
		{ "{\"type\":\"mouse\",garbage}", EVENT_OTHER, EVENT_OTHER },
		{ "{\"type\":\"mouse\"}", EVENT_OTHER, EVENT_OTHER },
		{ "{\"type\":\"app\",\"type\":\"keystroke\"}", EVENT_OTHER, EVENT_OTHER },
		{ "{\"type\":\"app\",\"type\":\"?\"}", EVENT_OTHER, REJECT_BAD_TYPE },
		/* what the rule does not cover is parsed whole */
		{ "{\"type\":\"app\",garbage} ", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"app\",garbage", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":  \"app\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\t\"app\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\" :\"app\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{ \"type\":\"app\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ " {\"type\":\"app\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"app\" ,garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"app\"garbage,}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"apps\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"ap\",garbage.....}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":\"keystroke\",garbage}", REJECT_NOT_JSON, EVENT_OTHER },
		{ "{\"type\":\"keystroke\"}", REJECT_BAD_TS, EVENT_OTHER },
		{ "{\"type\":\"keystrok\",garbage}", REJECT_NOT_JSON, REJECT_NOT_JSON },
		{ "{\"type\":  \"app\"}", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"type\":\"app\" } ", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"type\":\"\\u0061pp\"}", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"ts\":0,\"type\":\"app\"}", EVENT_OTHER, REJECT_BAD_TS },
		{ "{\"t\\u0079pe\":\"app\"}", EVENT_OTHER, REJECT_BAD_TS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_verdict(rows[i].msg, EVENT_KEYSTROKE, rows[i].for_keystroke);
		assert_verdict(rows[i].msg, EVENT_APP, rows[i].for_app);
	}
}

static void of_a_repeated_member_the_last_counts(void **state UNUSED)
{
	assert_verdict("{\"type\":\"mouse\",\"ts\":5,\"ts\":6,\"type\":\"app\",\"app_name\":\"a\","
		       "\"app_name\":\"b\"}",
		       EVENT_APP, EVENT_OTHER); /* by the first bytes */
	assert_verdict("{\"ts\":5,\"type\":\"mouse\",\"ts\":6,\"type\":\"app\",\"app_name\":\"a\","
		       "\"app\\u005fname\":\"b\"}",
		       EVENT_APP, EVENT_OWN);
	assert_int_equal(d.ev.ts_us, 6);
	assert_int_equal(d.ev.name.len, 1);
	assert_int_equal(d.ev.name.p[0], 'b');
	assert_verdict("{\"type\":\"app\",\"ts\":1,\"app_name\":\"a\",\"app_name\":null}",
		       EVENT_APP, REJECT_BAD_APP_NAME);
	assert_verdict("{\"type\":\"app\",\"ts\":1,\"app_name\":null,\"app_name\":\"a\"}",
		       EVENT_APP, EVENT_OWN);
	assert_verdict(MOUSE(MOVE ",\"x\":1,\"y\":1,\"x\":null,\"y\":null"), EVENT_MOUSE,
		       EVENT_OWN);
	assert_false(d.ev.has_x);
}

static void assert_name(const char *expected)
{
	assert_true(d.ev.has_name);
	assert_int_equal(d.ev.name.len, strlen(expected));
	assert_memory_equal(d.ev.name.p, expected, d.ev.name.len);
}

static void fields_arrive_in_the_struct(void **state UNUSED)
{
	assert_verdict(KEY(",\"key\":\"Key\\u0041\",\"event\":\"release\""), EVENT_KEYSTROKE,
		       EVENT_OWN);
	assert_int_equal(d.ev.type, EVENT_KEYSTROKE);
	assert_int_equal(d.ev.kind, KIND_RELEASE);
	assert_int_equal(d.ev.ts_us, 1792522987000123);
	assert_name("KeyA");

	assert_verdict(MOUSE(MOVE ",\"x\":1175.421875,\"y\":-0.5,\"button\":null"), EVENT_MOUSE,
		       EVENT_OWN);
	assert_int_equal(d.ev.kind, KIND_MOVE);
	assert_true(d.ev.has_x && d.ev.has_xy && d.ev.x == 1175.421875 && d.ev.y == -0.5);
	assert_false(d.ev.has_name || d.ev.has_scroll);

	assert_verdict(
		MOUSE(",\"event\":\"scroll\",\"scroll_delta\":-7,\"button\":\"Middle\",\"x\":3"),
		EVENT_MOUSE, EVENT_OWN);
	assert_int_equal(d.ev.kind, KIND_SCROLL);
	assert_true(d.ev.has_scroll && d.ev.has_x && !d.ev.has_xy);
	assert_int_equal(d.ev.scroll_delta, -7);
	assert_true(d.ev.x == 3 && d.ev.y == 0);
	assert_name("Middle");

	assert_verdict(MOUSE(PRESS ",\"y\":3"), EVENT_MOUSE, EVENT_OWN);
	assert_true(!d.ev.has_x && !d.ev.has_xy && d.ev.x == 0 && d.ev.y == 0);

	assert_verdict(APP(",\"app_name\":\"\xc3\xa9\\u00e9\""), EVENT_APP, EVENT_OWN);
	assert_int_equal(d.ev.kind, KIND_FOCUS);
	assert_name("\xc3\xa9\xc3\xa9");
	assert_false(d.ev.has_x || d.ev.has_xy || d.ev.has_scroll);
}

/* Cut anywhere, a message is refused; and the cut is never read over. */
static void a_message_cut_short_is_never_accepted(void **state UNUSED)
{
	static const char *const msgs[] = {
		KEY(",\"key\":\"\\u004b\\ud83d\\ude00\"" PRESS),
		MOUSE(MOVE
		      ",\"x\":1175.421875e-1,\"y\":50.1914062512345678901234567890,\"button\":null"),
		APP(",\"app_name\":\"\xf0\x9f\x98\x80 firefox\",\"window_class\":[{\"a\":[true,false,-0.5e+3]}]"),
	};

	for (size_t m = 0; m < ARRAY_SIZE(msgs); m++) {
		size_t whole = strlen(msgs[m]);

		assert_int_equal(decode_n(msgs[m], whole, (int)m), EVENT_OWN);
		for (size_t len = 0; len < whole; len++)
			for (int own = -1; own < EVENT_TYPES; own++) {
				enum event_verdict v = decode_n(msgs[m], len, own);

				assert_true(v >= EVENT_REJECTED ||
					    (v == EVENT_OTHER && own != (int)m));
			}
	}
}

static void events_are_written_in_the_contracts_order(void **state UNUSED)
{
	static const struct {
		struct event ev;
		const char *expected;
	} rows[] = {
		{ { .type = EVENT_KEYSTROKE,
		    .kind = KIND_PRESS,
		    .ts_us = 1,
		    .name = { "Key\"A", 5 },
		    .has_name = true },
		  "{\"type\":\"keystroke\",\"ts\":1,\"key\":\"Key\\\"A\",\"event\":\"press\"}" },
		{ { .type = EVENT_MOUSE,
		    .kind = KIND_MOVE,
		    .ts_us = 1792522987000123,
		    .has_x = true,
		    .has_xy = true,
		    .x = 1175.421875,
		    .y = -3 },
		  "{\"type\":\"mouse\",\"ts\":1792522987000123,\"x\":1175.421875,\"y\":-3,\"event\":\"move\","
		  "\"button\":null,\"scroll_delta\":null}" },
		{ { .type = EVENT_MOUSE,
		    .kind = KIND_SCROLL,
		    .ts_us = 2,
		    .has_scroll = true,
		    .scroll_delta = -1,
		    .name = { "", 0 },
		    .has_name = true },
		  "{\"type\":\"mouse\",\"ts\":2,\"x\":null,\"y\":null,\"event\":\"scroll\",\"button\":\"\","
		  "\"scroll_delta\":-1}" },
		{ { .type = EVENT_APP,
		    .kind = KIND_FOCUS,
		    .ts_us = 3,
		    .name = { "a\0b", 3 },
		    .has_name = true },
		  "{\"type\":\"app\",\"ts\":3,\"app_name\":\"a\\u0000b\",\"event\":\"focus\"}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };

		event_encode(&b, &rows[i].ev);
		assert_string_equal(buf_str(&b), rows[i].expected);
		buf_release(&b);
	}
}

static void random_name(struct rng *r, char *to, struct event *ev, size_t least)
{
	static const char *const pieces[] = { "a",  "Key",  "\"",	"\\",
					      "\n", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80",
					      "/",  "" };
	size_t n = least + (size_t)rng_below(r, 8);

	ev->name.p = to;
	ev->has_name = true;
	for (size_t i = 0; i < n; i++) {
		const char *p = i ? pieces[rng_below(r, ARRAY_SIZE(pieces))] : "K";

		memcpy(to + ev->name.len, p, strlen(p));
		ev->name.len += strlen(p);
	}
}

static struct event random_event(struct rng *r, char *name)
{
	static const enum event_kind mouse_kinds[] = { KIND_MOVE, KIND_PRESS, KIND_RELEASE,
						       KIND_SCROLL, KIND_CLICK };
	struct event ev = { .type = (enum event_type)rng_below(r, EVENT_TYPES),
			    .ts_us = 1 + (int64_t)rng_below(r, EVENT_TS_MAX) };

	if (ev.type == EVENT_APP)
		ev.kind = KIND_FOCUS;
	if (ev.type == EVENT_KEYSTROKE)
		ev.kind = rng_chance(r, 0.5) ? KIND_PRESS : KIND_RELEASE;
	if (ev.type != EVENT_MOUSE) {
		random_name(r, name, &ev, 1);
		return ev;
	}
	ev.kind = mouse_kinds[rng_below(r, ARRAY_SIZE(mouse_kinds))];
	if (rng_chance(r, 0.4))
		random_name(r, name, &ev, 0);
	ev.has_x = ev.has_xy = rng_chance(r, 0.7);
	if (ev.has_x) {
		ev.x = (rng_unit(r) * 2 - 1) * 1e6;
		ev.y = (double)rng_below(r, 100000) / 64;
	}
	if (rng_chance(r, 0.3)) {
		ev.has_scroll = true;
		ev.scroll_delta = (int32_t)rng_below(r, 20001) - 10000;
	}
	return ev;
}

static void what_is_written_reads_back_the_same(void **state UNUSED)
{
	struct buf b = { 0 };
	struct rng rng;

	rng_init(&rng, 123, 0);
	for (int i = 0; i < 100000; i++) {
		char name[100];
		struct event ev = random_event(&rng, name);

		buf_reset(&b);
		event_encode(&b, &ev);
		if (decode_n(b.data, b.len, (int)ev.type) != EVENT_OWN)
			fail_msg("%s", buf_str(&b));
		assert_int_equal(d.ev.type, ev.type);
		assert_int_equal(d.ev.kind, ev.kind);
		assert_int_equal(d.ev.ts_us, ev.ts_us);
		assert_int_equal(d.ev.name.len, ev.name.len);
		assert_int_equal(d.ev.has_name, ev.has_name);
		if (ev.name.len)
			assert_memory_equal(d.ev.name.p, ev.name.p, ev.name.len);
		assert_true(d.ev.x == ev.x && d.ev.y == ev.y);
		assert_int_equal(d.ev.has_x, ev.has_x);
		assert_int_equal(d.ev.has_xy, ev.has_xy);
		assert_int_equal(d.ev.has_scroll, ev.has_scroll);
		assert_int_equal(d.ev.scroll_delta, ev.scroll_delta);
	}
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message_is_utf8_json_an_object_and_of_a_known_type),
		cmocka_unit_test(the_time_must_be_a_whole_number_in_its_range),
		cmocka_unit_test(a_keystroke_has_a_key_and_an_event),
		cmocka_unit_test(a_mouse_event_has_sound_numbers_and_a_button_or_none),
		cmocka_unit_test(an_app_event_has_a_name_and_at_most_the_event_focus),
		cmocka_unit_test(of_several_faults_the_first_in_the_order_is_named),
		cmocka_unit_test(the_length_is_looked_at_before_all_else),
		cmocka_unit_test(other_types_are_told_by_their_first_bytes_alone),
		cmocka_unit_test(of_a_repeated_member_the_last_counts),
		cmocka_unit_test(fields_arrive_in_the_struct),
		cmocka_unit_test(a_message_cut_short_is_never_accepted),
		cmocka_unit_test(events_are_written_in_the_contracts_order),
		cmocka_unit_test(what_is_written_reads_back_the_same),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	free(d.msg);
	return rc;
}
