/* Sign-off; see signoff.h.  What the statement says: judge/statement.c. */
#include "harness/signoff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/armor.h"
#include "harness/checklist_files.h"
#include "harness/file.h"
#include "harness/keygen.h"
#include "harness/saved.h"
#include "harness/sha256.h"
#include "harness/tempdir.h"

#define SIGNED_MAX_BYTES    (256 << 20)
#define SIGNATURE_MAX_BYTES 65536

static int read_in(const char *dir, const char *name, size_t max_bytes, struct buf *out,
		   struct err *e)
{
	struct buf path = { 0 };
	int rc;

	buf_printf(&path, "%s/%s", dir, name);
	rc = file_read(buf_str(&path), max_bytes, out, e);
	buf_release(&path);
	return rc;
}

static int digest(const char *dir, const char *name, char hex[SHA256_HEX_LEN + 1], struct err *e)
{
	struct buf text = { 0 };
	int rc = read_in(dir, name, SIGNED_MAX_BYTES, &text, e);

	rc = rc ? rc : sha256_hex(text.data, text.len, hex, e);
	buf_release(&text);
	return rc;
}

/*
 * Is every output in the folder what the results and the rules give?  `by`: the commit of
 * the bench that made them, which may have another style.
 */
static int check_outputs(const struct checklist_case *k, const char *dir, const char *by,
			 struct err *e)
{
	int rc = 0;

	for (int i = 0; !rc && i < CHECKLIST_OUTPUTS; i++) {
		struct buf there = { 0 }, made = { 0 };

		checklist_output(&k->checklist, (enum checklist_output)i, &made);
		rc = read_in(dir, checklist_output_files[i], SIGNED_MAX_BYTES, &there, e);
		if (!rc && (there.len != made.len || memcmp(there.data, made.data, made.len)))
			rc = err_set(
				e, -EBADMSG,
				"%s: is not what results.json and checklist.ini give; made by bench "
				"of commit %.40s, judged again by %s",
				checklist_output_files[i], by, BUILD_COMMIT);
		buf_release(&there);
		buf_release(&made);
	}
	return rc;
}

static int open_judged(struct checklist_case *k, const struct model *m, const char *dir,
		       struct err *e)
{
	memset(k, 0, sizeof(*k));
	if (!file_is_in(dir, CHECKLIST_RULES_FILE))
		return err_set(e, -ENOENT,
			       "%s: has no checklist.ini: judge it first (bench checklist)", dir);
	return checklist_case_open(k, m, dir, NULL, e);
}

static void set_objections(struct statement *s, struct buf *objections)
{
	statement_set(s, STATEMENT_IN_SPITE_OF, "%s",
		      objections->len ? buf_str(objections) : "nothing");
}

/* ---- signing ---------------------------------------------------------------------------- */

static int put(const struct tempdir *t, const char *name, const struct buf *text, struct buf *path,
	       struct err *e)
{
	buf_printf(path, "%s/%s", t->path, name);
	return file_write(buf_str(path), text->data, text->len, e);
}

/* The signature of a text, made in a directory of its own, so that nothing half-made stays. */
static int sign(const char *key, const struct buf *text, struct buf *signature, struct err *e)
{
	struct tempdir t;
	struct buf path = { 0 };
	struct err late = ERR_INIT;
	int rc = tempdir_make(&t, "signoff", e);

	if (rc)
		return rc;
	rc = put(&t, SIGNOFF_FILE, text, &path, e);
	rc = rc ? rc : keygen_sign(key, buf_str(&path), e);
	rc = rc ? rc : read_in(t.path, SIGNOFF_SIGNATURE, SIGNATURE_MAX_BYTES, signature, e);
	buf_release(&path);
	if (tempdir_remove(&t, &late) && !rc)
		rc = err_set(e, late.code, "%s", late.text);
	return rc;
}

static int write_signed(const char *dir, const char *key, const struct statement *s, struct err *e)
{
	struct buf text = { 0 }, signature = { 0 };
	int rc;

	statement_write(s, &text);
	rc = sign(key, &text, &signature, e);
	rc = rc ? rc : file_replace(dir, SIGNOFF_FILE, &text, e);
	rc = rc ? rc : file_replace(dir, SIGNOFF_SIGNATURE, &signature, e);
	buf_release(&text);
	buf_release(&signature);
	return rc;
}

static int fill(struct statement *s, const char *dir, const struct checklist *c,
		const struct signoff_order *order, struct buf *objections, struct err *e)
{
	char at[CLOCK_ISO_MAX], hex[SHA256_HEX_LEN + 1];
	int rc = 0;

	clock_format_iso(at, order->now_wall_us / US_PER_S * US_PER_S);
	statement_set(s, STATEMENT_SIGNER, "%s", order->signer->text);
	statement_set(s, STATEMENT_SIGNED, "%s", at);
	statement_set(s, STATEMENT_JUDGED_BY, "%s", BUILD_COMMIT);
	set_objections(s, objections);
	statement_describe(s, c);
	for (int i = STATEMENT_FIRST_FILE; !rc && i < STATEMENT_FIELDS; i++) {
		rc = digest(dir, statement_keys[i], hex, e);
		if (!rc)
			statement_set(s, (enum statement_field)i, "%s", hex);
	}
	return rc;
}

int signoff_make(const char *dir, const struct model *m, const struct signoff_order *order,
		 struct statement *out, struct err *e)
{
	struct buf objections = { 0 };
	struct checklist_case k;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = open_judged(&k, m, dir, e);
	rc = rc ? rc : check_outputs(&k, dir, "unknown", e);
	if (!rc && statement_objections(&k.checklist, &objections) && !order->anyway)
		rc = err_set(
			e, -EPERM,
			"not signed: %s (--anyway signs all the same, and the statement says so)",
			buf_str(&objections));
	rc = rc ? rc : fill(out, dir, &k.checklist, order, &objections, e);
	rc = rc ? rc : write_signed(dir, order->key, out, e);
	buf_release(&objections);
	checklist_case_close(&k);
	return rc;
}

/* ---- checking ---------------------------------------------------------------------------- */

/* The bytes that were read are those that are checked: copies, which nobody changes meanwhile. */
static int check_signature(const char *allowed, const char *mail, const struct buf *text,
			   const struct buf *signature, struct buf *words, struct err *e)
{
	struct buf file = { 0 }, sig = { 0 };
	struct err late = ERR_INIT;
	struct tempdir t;
	int rc = tempdir_make(&t, "signoff", e);

	if (rc)
		return rc;
	rc = put(&t, SIGNOFF_FILE, text, &file, e);
	rc = rc ? rc : put(&t, SIGNOFF_SIGNATURE, signature, &sig, e);
	rc = rc ? rc : keygen_check(allowed, mail, buf_str(&file), buf_str(&sig), words, e);
	if (rc == -EBADMSG)
		rc = err_wrap(e, SIGNOFF_FILE ": " SIGNOFF_SIGNATURE " is no signature of it by %s",
			      allowed ? mail : "anybody");
	(void)!tempdir_remove(&t, &late); /* what is left of it holds no secret */
	buf_release(&file);
	buf_release(&sig);
	return rc;
}

/* Texts that do not fit are refused like signatures that do not. */
static int refuse(struct err *e, const char *name)
{
	err_wrap(e, "%s", name);
	e->code = -EBADMSG;
	return e->code;
}

static int check_statement(const char *dir, const char *allowed, struct signoff_seen *seen,
			   struct err *e)
{
	struct buf text = { 0 }, signature = { 0 };
	struct signer signer;
	int rc = read_in(dir, SIGNOFF_FILE, STATEMENT_MAX, &text, e);

	rc = rc ? rc : read_in(dir, SIGNOFF_SIGNATURE, SIGNATURE_MAX_BYTES, &signature, e);
	if (!rc && armor_check(signature.data, signature.len, e))
		rc = refuse(e, SIGNOFF_SIGNATURE);
	if (!rc && (statement_parse(&seen->statement, buf_str(&text), text.len, e) ||
		    signer_parse(&signer, seen->statement.values[STATEMENT_SIGNER], e)))
		rc = refuse(e, SIGNOFF_FILE);
	rc = rc ? rc : check_signature(allowed, signer.mail, &text, &signature, &seen->words, e);
	buf_release(&text);
	buf_release(&signature);
	return rc;
}

static int check_digests(const char *dir, const struct statement *s, struct err *e)
{
	char hex[SHA256_HEX_LEN + 1];
	int rc = 0;

	for (int i = STATEMENT_FIRST_FILE; !rc && i < STATEMENT_FIELDS; i++) {
		rc = digest(dir, statement_keys[i], hex, e);
		if (!rc && strcmp(hex, s->values[i]))
			rc = err_set(
				e, -EBADMSG,
				"%s: is not the file that was signed: its SHA-256 is %s, signed was %.64s",
				statement_keys[i], hex, s->values[i]);
	}
	return rc;
}

/* Does the text say of the checklist what is true? */
static int check_words(const struct statement *s, const struct checklist *c, struct err *e)
{
	struct statement is = { { NULL } };
	struct buf objections = { 0 };
	enum statement_field differs;

	statement_set(&is, STATEMENT_SIGNER, "%s", s->values[STATEMENT_SIGNER]);
	statement_set(&is, STATEMENT_SIGNED, "%s", s->values[STATEMENT_SIGNED]);
	statement_set(&is, STATEMENT_JUDGED_BY, "%s", s->values[STATEMENT_JUDGED_BY]);
	for (int i = STATEMENT_FIRST_FILE; i < STATEMENT_FIELDS; i++)
		statement_set(&is, (enum statement_field)i, "%s", s->values[i]);
	statement_objections(c, &objections);
	set_objections(&is, &objections);
	statement_describe(&is, c);
	differs = statement_differs(s, &is);
	if (differs != STATEMENT_FIELDS)
		err_set(e, -EBADMSG,
			SIGNOFF_FILE ": says \"%s: %.120s\", the results say \"%.120s\"",
			statement_keys[differs], s->values[differs], is.values[differs]);
	buf_release(&objections);
	statement_release(&is);
	return differs != STATEMENT_FIELDS ? -EBADMSG : 0;
}

static int check_judgement(const char *dir, const struct statement *s, struct err *e)
{
	struct saved *saved = mem_calloc(1, sizeof(*saved));
	struct checklist_case k = { .file = { .name = NULL } };
	int rc = saved_open(saved, NULL, dir, e);

	rc = rc ? rc : open_judged(&k, &saved->model, dir, e);
	rc = rc ? rc : check_outputs(&k, dir, s->values[STATEMENT_JUDGED_BY], e);
	rc = rc ? rc : check_words(s, &k.checklist, e);
	checklist_case_close(&k);
	saved_close(saved);
	free(saved);
	return rc;
}

int signoff_check(const char *dir, const char *allowed, struct signoff_seen *seen, struct err *e)
{
	int rc;

	memset(seen, 0, sizeof(*seen));
	if (allowed && access(allowed, R_OK))
		return err_set(e, -errno, "allowed signers: %s: %s", allowed, strerror(errno));
	rc = check_statement(dir, allowed, seen, e);
	rc = rc ? rc : check_digests(dir, &seen->statement, e);
	return rc ? rc : check_judgement(dir, &seen->statement, e);
}

void signoff_seen_release(struct signoff_seen *seen)
{
	statement_release(&seen->statement);
	buf_release(&seen->words);
}
