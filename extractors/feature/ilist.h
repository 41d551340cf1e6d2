/*
 * A doubly linked list of numbers: order kept in links beside an array.
 *
 * `links` has one entry an element of the array, so the array may move and an
 * element may stand in several lists.  Zeroed is not an empty list: ILIST_INIT.
 */
#ifndef FEATURE_ILIST_H
#define FEATURE_ILIST_H

#include <stdint.h>

#define ILIST_END UINT32_MAX
#define ILIST_INIT                   \
	{                            \
		ILIST_END, ILIST_END \
	}

struct ilink {
	uint32_t prev, next;
};

struct ilist {
	uint32_t head, tail;
};

static inline void ilist_append(struct ilist *l, struct ilink *links, uint32_t i)
{
	links[i] = (struct ilink){ l->tail, ILIST_END };
	if (l->tail == ILIST_END)
		l->head = i;
	else
		links[l->tail].next = i;
	l->tail = i;
}

static inline void ilist_remove(struct ilist *l, struct ilink *links, uint32_t i)
{
	struct ilink k = links[i];

	if (k.prev == ILIST_END)
		l->head = k.next;
	else
		links[k.prev].next = k.next;
	if (k.next == ILIST_END)
		l->tail = k.prev;
	else
		links[k.next].prev = k.prev;
}

#endif
