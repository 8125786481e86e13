/* How a step can go wrong. */
#ifndef TROUBLE_H
#define TROUBLE_H

#include <backstay.h>

enum trouble_kind {
    /* All is well. */
    TROUBLE_NONE,
    /* The library refused the step, which `refused` may have asked for. */
    TROUBLE_REFUSED,
    /* Something else than expected was seen, or the file asks for what cannot be. */
    TROUBLE_WRONG
};

/* Why a step did not do what it says. */
struct trouble {
    enum trouble_kind kind;
    /* With what it was refused. */
    backstay_status status;
    const char *text;
};

static inline struct trouble no_trouble(void) {
    return (struct trouble){TROUBLE_NONE, BACKSTAY_OK, ""};
}

static inline struct trouble refused(backstay_status status, const char *text) {
    return (struct trouble){TROUBLE_REFUSED, status, text};
}

static inline struct trouble wrong(const char *text) {
    return (struct trouble){TROUBLE_WRONG, BACKSTAY_OK, text};
}

/* What a call has answered. */
static inline struct trouble answered(backstay_status status) {
    return status == BACKSTAY_OK ? no_trouble() : refused(status, backstay_status_message(status));
}

#endif
