/* What was seen of a subject; see evidence.h. */
#include "harness/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

const char *const visit_names[VISITS] = { "traced", "plain", "away", "back", "commands" };

static void free_messages(struct check_message *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)v[i].json);
	free(v);
}

static void release_visit(struct visit_seen *v)
{
	for (size_t i = 0; i < v->n_heard; i++) {
		free(v->heard[i].channel);
		free((void *)(uintptr_t)v->heard[i].msg.json);
	}
	free(v->heard);
	free_messages(v->tapped, v->n_tapped);
	free((void *)(uintptr_t)v->own);
	free((void *)(uintptr_t)v->sent_wall_us);
	free(v->log);
	free(v->title);
	free(v->measurements);
	influx_rows_release(&v->rows);
}

void evidence_release(struct evidence *x)
{
	for (int i = 0; i < VISITS; i++)
		release_visit(&x->visits[i]);
	for (size_t i = 0; i < x->n_commands; i++) {
		free(x->commands[i].out);
		free(x->commands[i].err);
	}
	memset(x, 0, sizeof(*x));
}

void evidence_hear(struct visit_seen *v, const char *channel, const char *json, size_t len,
		   int64_t received_wall_us)
{
	struct heard *h;

	if (v->n_heard == EVIDENCE_MESSAGES_MAX) {
		v->n_unkept++;
		return;
	}
	v->heard = mem_realloc(v->heard, v->n_heard + 1, sizeof(*v->heard));
	h = &v->heard[v->n_heard++];
	h->channel = mem_strdup(channel);
	h->msg = (struct check_message){ .received_wall_us = received_wall_us,
					 .json = mem_strndup(json, len),
					 .len = len };
}

struct check_message *evidence_on(const struct visit_seen *v, const char *channel, size_t *n)
{
	struct check_message *out = mem_calloc(v->n_heard + 1, sizeof(*out));

	*n = 0;
	for (size_t i = 0; i < v->n_heard; i++)
		if (!strcmp(v->heard[i].channel, channel))
			out[(*n)++] = v->heard[i].msg;
	return out;
}
