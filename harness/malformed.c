/* Malformed events; see malformed.h.  A new one is a new row. */
#include "harness/malformed.h"

#define M	 MALFORMED_MARKER
#define TS	 "1700000000000000"
#define ANY_TYPE EVENT_TYPES

/* %s is the extractor's type. */
static const struct {
	int type; /* enum event_type, or ANY_TYPE */
	enum event_verdict reason;
	const char *format;
} table[] = {
	{ ANY_TYPE, REJECT_NOT_UTF8, "{\"type\":\"%s\",\"ts\":" TS ",\"note\":\"" M "\xff\"}" },
	{ ANY_TYPE, REJECT_NOT_JSON, "{\"type\":\"%s\",\"ts\":" TS ",\"note\":\"" M "\"" },
	{ ANY_TYPE, REJECT_NOT_JSON, "{\"type\":\"%s\",\"ts\":" TS ",\"note\":\"" M "\"}}" },
	{ ANY_TYPE, REJECT_NOT_JSON, "{\"type\":\"%s\",\"ts\":" TS ",\"" M "\":NaN}" },
	{ ANY_TYPE, REJECT_NOT_OBJECT, "[{\"type\":\"%s\",\"note\":\"" M "\"}]" },
	{ ANY_TYPE, REJECT_NOT_OBJECT, "\"" M " %s\"" },
	{ ANY_TYPE, REJECT_BAD_TYPE, "{\"ts\":" TS ",\"note\":\"" M " %s\"}" },
	{ ANY_TYPE, REJECT_BAD_TYPE, "{\"type\":\"%s" M "\",\"ts\":" TS "}" },
	{ ANY_TYPE, REJECT_BAD_TS, "{\"type\":\"%s\",\"ts\":\"" M "\"}" },
	{ ANY_TYPE, REJECT_BAD_TS, "{\"type\":\"%s\",\"ts\":true,\"note\":\"" M "\"}" },
	{ ANY_TYPE, REJECT_BAD_TS, "{\"type\":\"%s\",\"ts\":0,\"note\":\"" M "\"}" },
	{ EVENT_KEYSTROKE, REJECT_BAD_EVENT,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"key\":\"" M "\",\"event\":\"move\"}" },
	{ EVENT_KEYSTROKE, REJECT_BAD_KEY,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"key\":\"\",\"event\":\"press\",\"note\":\"" M "\"}" },
	{ EVENT_KEYSTROKE, REJECT_BAD_KEY,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"key\":[\"" M "\"],\"event\":\"press\"}" },
	{ EVENT_MOUSE, REJECT_BAD_EVENT,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"x\":1,\"y\":2,\"event\":\"" M "\"}" },
	{ EVENT_MOUSE, REJECT_BAD_COORDINATE,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"x\":\"" M "\",\"y\":2,\"event\":\"move\"}" },
	{ EVENT_MOUSE, REJECT_BAD_COORDINATE,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"x\":1,\"y\":null,\"event\":\"move\",\"note\":\"" M
	  "\"}" },
	{ EVENT_MOUSE, REJECT_BAD_BUTTON,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"x\":null,\"y\":null,\"event\":\"press\",\"button\":7,"
	  "\"note\":\"" M "\"}" },
	{ EVENT_MOUSE, REJECT_BAD_SCROLL,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"x\":null,\"y\":null,\"event\":\"scroll\","
	  "\"scroll_delta\":\"" M "\"}" },
	{ EVENT_APP, REJECT_BAD_EVENT,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"app_name\":\"" M "\",\"event\":\"press\"}" },
	{ EVENT_APP, REJECT_BAD_APP_NAME,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"app_name\":null,\"note\":\"" M "\"}" },
	{ EVENT_APP, REJECT_BAD_APP_NAME,
	  "{\"type\":\"%s\",\"ts\":" TS ",\"app_name\":{\"a\":\"" M "\"}}" },
};

/* Valid but for its length: one byte more than is allowed. */
static void too_long(enum event_type type, struct buf *out)
{
	buf_printf(out, "{\"type\":\"%s\",\"ts\":" TS ",\"note\":\"" M, event_type_names[type]);
	while (out->len < EVENT_MSG_MAX - 1)
		buf_add_char(out, 'x');
	buf_add_str(out, "\"}");
}

static void write_row(const char *format, enum event_type type, struct buf *out)
{
	const char *at = strstr(format, "%s");

	buf_add(out, format, (size_t)(at - format));
	buf_add_str(out, event_type_names[type]);
	buf_add_str(out, at + 2);
}

bool malformed(enum event_type type, size_t i, enum event_verdict *reason, struct buf *out)
{
	buf_reset(out);
	if (!i--) {
		*reason = REJECT_TOO_LONG;
		too_long(type, out);
		return true;
	}
	for (size_t k = 0; k < ARRAY_SIZE(table); k++) {
		if ((table[k].type != ANY_TYPE && table[k].type != (int)type) || i--)
			continue;
		*reason = table[k].reason;
		write_row(table[k].format, type, out);
		return true;
	}
	return false;
}
