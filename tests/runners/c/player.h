/* A scenario that is being played: its host, its names, and the end of both. */
#ifndef PLAYER_H
#define PLAYER_H

#include "stage.h"

/* What the file calls an instance. */
struct name {
    const char *name;
    struct run *run;
    struct name *older;
};

struct player {
    struct stage *stage;
    /* None before the first step that needs one. */
    backstay_host host;
    backstay_subscription events;
    /* The newest first. */
    struct name *names;
    /* Of the last drain or shutdown. */
    struct report *report;
    /* How many handles there were before: a file that failed may have left some. */
    uint64_t handles_before;
};

struct player player_new(struct stage *stage);

/*
 * Ends everything that is still alive, and proves that nothing is left of it. A file need not: what it looks at has
 * been seen. Unless `is_over`, not all user data has ended: the library may still call, and the stage must stay.
 */
struct trouble player_close(struct player *player, bool *is_over);

#endif
