/* The few attributes and macros that every file may use. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_CHECK	 __attribute__((warn_unused_result))
#define PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define VPRINTF(fmt) \
	__attribute__((format(printf, fmt, 0))) /* of a function that takes a va_list */
#define NORETURN      __attribute__((noreturn))
#define UNUSED	      __attribute__((unused))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A broken invariant: say where, then exit 70.  Compiled into every variant. */
void bug_at(const char *file, int line, const char *what) NORETURN;
#define BUG_ON(cond)                                             \
	do {                                                     \
		if (unlikely(cond))                              \
			bug_at(__FILE__, __LINE__, "" #cond ""); \
	} while (0)

#endif
