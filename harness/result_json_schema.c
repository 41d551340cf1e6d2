/*
 * What a results.json must look like, as JSON Schema; see result_json.h.
 *
 * Made of the tables that write and read it, so it cannot say anything else.  Strict: no
 * member may be missing but `latency` and `split`, and none may be there besides.
 * Source: JSON Schema draft 2020-12, "Core" and "Validation".
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "extractors/base/compiler.h"
#include "harness/result_fields.h"
#include "harness/result_json.h"

static cJSON *of_type(const char *type, const char *help)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", type);
	if (help)
		cJSON_AddStringToObject(o, "description", help);
	return o;
}

static cJSON *one_of_two(const char *a, const char *b, const char *help)
{
	cJSON *o = cJSON_CreateObject(), *types = cJSON_AddArrayToObject(o, "type");

	cJSON_AddItemToArray(types, cJSON_CreateString(a));
	cJSON_AddItemToArray(types, cJSON_CreateString(b));
	if (help)
		cJSON_AddStringToObject(o, "description", help);
	return o;
}

static cJSON *words(const char *const *list, int n, const char *help)
{
	cJSON *o = of_type("string", help);

	cJSON_AddItemToObject(o, "enum", cJSON_CreateStringArray(list, n));
	return o;
}

/* In characters; what is written has at most as many bytes. */
static cJSON *text(size_t longest, const char *help)
{
	cJSON *o = of_type("string", help);

	cJSON_AddNumberToObject(o, "maxLength", (double)longest);
	return o;
}

/* As text: cJSON rounds numbers to 15 digits where it thinks that nobody minds. */
static void add_whole(cJSON *o, const char *name, int64_t v)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)v);
	cJSON_AddRawToObject(o, name, digits);
}

static cJSON *integer(int64_t min, int64_t max, const char *help)
{
	cJSON *o = of_type("integer", help);

	add_whole(o, "minimum", min);
	add_whole(o, "maximum", max);
	return o;
}

static cJSON *whole_number(const char *help)
{
	return integer(-RESULT_INTEGER_MAX, RESULT_INTEGER_MAX, help);
}

static cJSON *digits(const char *help)
{
	cJSON *o = of_type("string", help);

	cJSON_AddStringToObject(o, "pattern", "^[0-9]{1,20}$");
	return o;
}

static cJSON *of_field(const struct field *f)
{
	static const char *const sides[] = { "", "a", "b" };

	switch (f->type) {
	case F_TEXT:
		return text(f->size - 1, f->help);
	case F_SIDE:
		return words(sides, ARRAY_SIZE(sides), f->help);
	case F_BOOL:
		return of_type("boolean", f->help);
	case F_INT:
		return integer(INT32_MIN, INT32_MAX, f->help);
	case F_I64:
		return whole_number(f->help);
	case F_U64_TEXT:
		return digits(f->help);
	case F_DOUBLE:
		return one_of_two("number", "null", f->help);
	case F_ENUM:
		return words(f->words, f->n_words, f->help);
	}
	bug_at(__FILE__, __LINE__, "a field of no type");
}

/* It has what is added to it, and nothing else. */
static cJSON *strict(cJSON *o)
{
	cJSON_AddBoolToObject(o, "additionalProperties", false);
	cJSON_AddArrayToObject(o, "required");
	cJSON_AddObjectToObject(o, "properties");
	return o;
}

static cJSON *object(const char *help)
{
	return strict(of_type("object", help));
}

static void add_optional(cJSON *o, const char *name, cJSON *schema)
{
	cJSON_AddItemToObject(cJSON_GetObjectItem(o, "properties"), name, schema);
}

static void add(cJSON *o, const char *name, cJSON *schema)
{
	cJSON_AddItemToArray(cJSON_GetObjectItem(o, "required"), cJSON_CreateString(name));
	add_optional(o, name, schema);
}

static cJSON *object_of(const struct fields *fields, const char *help)
{
	cJSON *o = object(help);

	for (size_t i = 0; i < fields->n; i++)
		add(o, fields->v[i].name, of_field(&fields->v[i]));
	return o;
}

static cJSON *array_of(cJSON *items, const char *help)
{
	cJSON *o = of_type("array", help);

	cJSON_AddItemToObject(o, "items", items);
	return o;
}

static cJSON *metric_values(void)
{
	cJSON *o = object("what was measured; a key ends in its unit");

	for (int i = 0; i < METRICS; i++) {
		char help[512];

		snprintf(help, sizeof(help), "%s: %s", metrics[i].title, metrics[i].what);
		add_optional(o, metrics[i].key, of_type("number", help));
	}
	return o;
}

static cJSON *metric_reasons(void)
{
	cJSON *o = object("what could not be measured, with the reason");

	for (int i = 0; i < METRICS; i++)
		add_optional(o, metrics[i].key,
			     text(sizeof(((struct metric_value *)0)->why) - 1, NULL));
	return o;
}

static cJSON *ledger(void)
{
	cJSON *o = array_of(object_of(&ledger_line_fields, NULL), "what must be equal, in order");

	cJSON_AddNumberToObject(o, "maxItems", LEDGER_LINES_MAX);
	return o;
}

static cJSON *latency(void)
{
	cJSON *o = object("samples in the order of the triggers; both arrays are equally long");

	add(o, "response_ns", array_of(whole_number(NULL), "from the intended time, ns"));
	add(o, "service_ns", array_of(whole_number(NULL), "from the sending, ns"));
	return o;
}

static cJSON *split(void)
{
	cJSON *o = object("where the service times of a traced run went, in their order");

	add(o, "lost", whole_number("events that the tracing missed"));
	add(o, "outcome",
	    array_of(words(split_outcome_names, SPLIT_OUTCOMES, NULL), "what is known of each"));
	for (int p = 0; p < SPLIT_PARTS; p++) {
		char name[16];

		snprintf(name, sizeof(name), "%s_ns", split_part_names[p]);
		add(o, name,
		    array_of(one_of_two("integer", "null", NULL),
			     "time in that part, ns; null: not known"));
	}
	return o;
}

/* What a run has besides its fields. */
static void add_rest_of_run(cJSON *run)
{
	add(run, "metrics", metric_values());
	add(run, "unavailable", metric_reasons());
	add(run, "ledger", ledger());
	add(run, "oracle", object_of(&oracle_fields, "what the oracle said of the messages"));
	add(run, "instrument", object_of(&instrument_fields, "what the measuring itself cost"));
	add(run, "noise", object_of(&noise_fields, "what else the host did meanwhile"));
	add_optional(run, "latency", latency());
	add_optional(run, "split", split());
}

static cJSON *facts(void)
{
	cJSON *o = of_type("object", "host, versions and configuration: what, and what of it");

	cJSON_AddItemToObject(o, "additionalProperties", of_type("string", NULL));
	return o;
}

static cJSON *constant(cJSON *value, const char *help)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "const", value);
	cJSON_AddStringToObject(o, "description", help);
	return o;
}

static cJSON *new_root(void)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "$schema", "https://json-schema.org/draft/2020-12/schema");
	cJSON_AddStringToObject(o, "title", "results.json");
	cJSON_AddStringToObject(
		o, "description",
		"The raw values of a session of `bench run`; reports are made of them "
		"alone.  Generated: make docs.");
	cJSON_AddStringToObject(o, "type", "object");
	return strict(o);
}

void result_write_schema(struct buf *out)
{
	cJSON *root = new_root();
	char *printed;

	add(root, "format", constant(cJSON_CreateString(RESULT_FORMAT), "what this is"));
	add(root, "version", constant(cJSON_CreateNumber(RESULT_VERSION), "of this form"));
	add(root, "session", object_of(&session_fields, "the session as a whole"));
	add(root, "facts", facts());
	for (int id = 0; id < RESULT_PARTS; id++) {
		cJSON *element = object_of(result_parts[id].fields, NULL);

		if (id == PART_RUNS)
			add_rest_of_run(element);
		add(root, result_parts[id].name, array_of(element, result_parts[id].help));
	}
	printed = cJSON_Print(root);
	BUG_ON(!printed); /* out of memory */
	buf_add_str(out, printed);
	buf_add_char(out, '\n');
	free(printed);
	cJSON_Delete(root);
}
