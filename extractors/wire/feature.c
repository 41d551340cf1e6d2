/* Feature messages: where they go, and their JSON; see feature.h. */
#include "extractors/wire/feature.h"

#include <math.h>

#include "extractors/base/clock.h"

static const struct feature_tag keystroke_tags[] = { { "device_id", "keyboard_0" },
						     { "user_id", "default" } };
static const struct feature_tag user_tags[] = { { "user_id", "default" } };

const struct feature_route feature_routes[EVENT_TYPES] = {
	[EVENT_KEYSTROKE] = { "seclyzer:features:keystroke", "keystroke_features", keystroke_tags,
			      ARRAY_SIZE(keystroke_tags) },
	[EVENT_MOUSE] = { "seclyzer:features:mouse", "mouse_features", user_tags,
			  ARRAY_SIZE(user_tags) },
	[EVENT_APP] = { "seclyzer:features:app", "app_transitions", user_tags,
			ARRAY_SIZE(user_tags) },
};

void feature_msg_reset(struct feature_msg *m)
{
	m->time_us = 0;
	m->n_labels = m->n_values = 0;
}

static void add(struct feature_msg *m, const char *name, double value, enum feature_kind kind)
{
	BUG_ON(m->n_values == FEATURE_VALUES_MAX);
	m->values[m->n_values++] = (struct feature_value){ name, value, kind };
}

void feature_add(struct feature_msg *m, const char *name, double value)
{
	add(m, name, value, FEATURE_FLOAT);
}

void feature_add_int(struct feature_msg *m, const char *name, int64_t value)
{
	add(m, name, (double)value, FEATURE_INT);
}

void feature_add_bool(struct feature_msg *m, const char *name, bool value)
{
	add(m, name, value, FEATURE_BOOL);
}

void feature_add_label(struct feature_msg *m, const char *name, struct span value)
{
	BUG_ON(m->n_labels == FEATURE_LABELS_MAX);
	m->labels[m->n_labels++] = (struct feature_label){ name, value };
}

static void write_key(struct buf *out, const char *name, bool first)
{
	if (!first)
		buf_add_char(out, ',');
	buf_add_char(out, '"');
	buf_add_str(out, name);
	buf_add(out, "\":", 2);
}

static void write_value(struct buf *out, const struct feature_value *v)
{
	if (v->kind == FEATURE_BOOL)
		buf_add_str(out, v->value != 0 ? "true" : "false");
	else if (!isfinite(v->value)) /* JSON has no word for it */
		buf_add_str(out, "null");
	else
		buf_add_double(out, v->value);
}

void feature_write_members(struct buf *out, const struct feature_msg *m)
{
	for (size_t i = 0; i < m->n_labels; i++) {
		write_key(out, m->labels[i].name, i == 0);
		buf_add_json_string(out, m->labels[i].value.p, m->labels[i].value.len);
	}
	for (size_t i = 0; i < m->n_values; i++) {
		write_key(out, m->values[i].name, i + m->n_labels == 0);
		write_value(out, &m->values[i]);
	}
}

void feature_write_json(struct buf *out, const struct feature_msg *m, enum event_type type,
			const struct feature_trace *trace)
{
	char iso[CLOCK_ISO_MAX];

	buf_add_char(out, '{');
	feature_write_members(out, m);
	write_key(out, "timestamp", m->n_labels + m->n_values == 0);
	buf_add_char(out, '"');
	buf_add(out, iso, clock_format_iso(iso, m->time_us));
	buf_add_char(out, '"');
	write_key(out, "type", false);
	buf_add_json_string(out, event_type_names[type], strlen(event_type_names[type]));
	if (trace) {
		buf_add_str(out, ",\"trace\":{\"trigger_ts\":");
		buf_add_i64(out, trace->trigger_ts_us);
		buf_add_str(out, ",\"events\":");
		buf_add_i64(out, (int64_t)trace->events);
		buf_add_str(out, ",\"now_us\":");
		buf_add_i64(out, trace->now_us);
		buf_add_char(out, '}');
	}
	buf_add_char(out, '}');
}
