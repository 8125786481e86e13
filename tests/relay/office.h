/*
 * The post office of the relay: a queue of parcels for each language, and the plan that all of them follow.
 *
 * A parcel is a deferral on its way, or an instance of which one is to be taken. Whoever receives it does what its acts
 * say and passes it on, or ends it. Nothing here knows what a deferral is, but for the guards (office_open).
 */
#ifndef RELAY_OFFICE_H
#define RELAY_OFFICE_H

#include <backstay_table.h>

#ifdef __cplusplus
extern "C" {
#endif

enum parcel_kind {
    PARCEL_NONE,  /* there will be no more */
    PARCEL_TAKE,  /* `handle` is a dup of the instance: take a deferral of it, and release the dup */
    PARCEL_CARRY, /* `handle` is a deferral that was given away: take it over */
};

enum parcel_act {
    ACT_CANCEL = 1,
    ACT_CHECKPOINT = 2,
    ACT_NOTE = 4,
    /* At the last hop one of these, and with AGAIN a second time. */
    ACT_COMPLETE = 8,
    ACT_FAIL = 16,
    ACT_DROP = 32,
    ACT_AGAIN = 64,
};

struct parcel {
    uint32_t kind, number, acts;
    /* The language that took the deferral; a backstay_language, as everywhere here. */
    uint32_t taker;
    uint64_t handle;
};

/* Waits for the next parcel of a language. */
struct parcel office_receive(uint32_t language);
/* An instance runs: `guard` holds it until all its deferrals are taken. `instance` stays the caller's. */
void office_open(uint32_t instance_number, backstay_instance instance, backstay_deferral guard);
/* The deferral of a TAKE parcel was taken, or refused with this status; then there is no deferral. */
void office_taken(uint32_t number, int32_t status, backstay_deferral deferral);
/* Sends a deferral to its next hop. */
void office_pass(uint32_t number, backstay_deferral deferral);
/* A deferral was ended, with this answer; `again` is the answer to the second time, if there was one. */
void office_ended(uint32_t number, int32_t status, int32_t again);
/* A handler of this language was told of a completion. */
void office_completed(uint32_t language, const uint8_t instance_id[16]);
/* Something is not as it should be; the first one is kept, and ends the relay. */
void office_wrong(uint32_t language, uint32_t number, const char *what);

/* The carriers of C and C++: they register their two tasks and begin so many threads; they hear of every completion; they
 * wait for the end of their threads. Each gives a status. */
int carry_in_c(backstay_host host, uint32_t threads);
int listen_in_c(backstay_host host);
void join_c(void);
int carry_in_cpp(backstay_host host, uint32_t threads);
int listen_in_cpp(backstay_host host);
void join_cpp(void);

#ifdef __cplusplus
}
#endif

#endif
