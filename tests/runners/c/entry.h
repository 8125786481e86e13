/* The entry point of every task: it does the acts that the file wrote down for it. */
#ifndef ENTRY_H
#define ENTRY_H

#include "stage.h"

/* The user data of an entry point: which task's acts it does. */
struct role {
    struct stage *stage;
    const char *task;
};

/* A `backstay_run_fn`, and the `destroy` of its role. */
backstay_status enter(backstay_instance instance, void *user_data);
void leave(void *user_data);

#endif
