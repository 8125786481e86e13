/* What the driver has planned, as the post office keeps it: the driver fills it in before, and reads the answers after. */
#ifndef RELAY_PLAN_H
#define RELAY_PLAN_H

#include <backstay_table.h>

#include <stdatomic.h>

enum { MOST_HOPS = 5 };

/* One stop of a deferral: at whom, and what is done there (parcel_act). */
struct hop {
    uint8_t language, acts;
};

struct ticket {
    uint32_t instance;
    uint8_t taker, next;
    struct hop hops[MOST_HOPS];
    /* The answers: to the taking, to the ending, and to a second ending. */
    int32_t taken, answer, again;
};

struct planned_instance {
    uint32_t first, count;
    atomic_uint to_take;
    /* Holds the instance until the last of its deferrals is taken. */
    backstay_deferral guard;
    int32_t guard_answer;
};

struct plan {
    struct ticket *tickets;
    size_t ticket_count;
    struct planned_instance *instances;
    size_t instance_count;
};

extern struct plan plan;

/* Once, when the plan is there. */
void office_prepare(void);
/* Waits until everything has ended, or something is wrong; false when the time is over. `missing` is what has not ended. */
bool office_wait(unsigned seconds, size_t *missing);
/* What is wrong; empty when nothing is. */
const char *office_said(void);
/* The ids of all completions that handlers of a language were told of. */
const uint8_t *office_told(uint32_t language, size_t *bytes);

#endif
