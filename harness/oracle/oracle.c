/* The entry for keystroke and mouse; the definitions are in keystroke.c, mouse.c and app.c. */
#include "harness/oracle/oracle.h"

#include <string.h>

#include "harness/oracle/window.h"

bool oracle_features(enum event_type type, const struct event *events, size_t n,
		     const struct oracle_params *p, struct feature_msg *out)
{
	struct moments window = { 0 };
	bool any;

	BUG_ON(type != EVENT_KEYSTROKE && type != EVENT_MOUSE);
	feature_msg_reset(out);
	window_cut(&window, events, n, p);
	any = type == EVENT_KEYSTROKE ? keystroke_oracle(&window, out)
				      : mouse_oracle(&window, p->window_s, out);
	moments_release(&window);
	if (!any)
		return false;
	feature_add_bool(out, "dev_mode", p->dev_mode);
	out->time_us = p->now_us;
	return true;
}

const struct feature_value *oracle_value(const struct feature_msg *m, const char *name)
{
	for (size_t i = 0; i < m->n_values; i++)
		if (!strcmp(m->values[i].name, name))
			return &m->values[i];
	return NULL;
}
