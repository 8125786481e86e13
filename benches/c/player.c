/*
 * The player for C: what the library costs a program that calls it through the C ABI, as such a program is written.
 *
 * A work with a host of its own closes it in the same sample. Those that fire share one host, which is kept from sample
 * to sample, since starting its threads is not what they are about; outside of a sample it is idle.
 */
#include "countdown.h"
#include "peers.h"

#include <backstay.h>

#define CHECK_OK(call) check_ok((call), #call, __FILE__, __LINE__)

static inline void check_ok(backstay_status status, const char *call, const char *file, int line) {
    if (status == BACKSTAY_OK) return;
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, backstay_status_name(status), call);
    abort();
}

/* ---- Hosts and tasks -------------------------------------------------------------------------------------------- */

static backstay_host open_host(uint32_t workers) {
    const backstay_host_options options = {.struct_size = sizeof options, .workers = workers};
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    return host;
}

/* Nothing may be left in it, which would be at work during the next sample. */
static void close_host(backstay_host host) {
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_shutdown(host, INT64_C(5000000000), &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.abandoned == 0 && report.stragglers == 0);
    CHECK_OK(backstay_host_release(host));
}

static backstay_task register_task(backstay_host host, backstay_str name, backstay_run_fn run, void *user_data) {
    /* However far the workers are behind, no firing of a sample is to be refused. */
    const backstay_task_options options = {
        .struct_size = sizeof options, .name = name, .max_pending = UINT32_MAX, .run = run, .user_data = user_data};
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    return task;
}

static backstay_status do_nothing(backstay_instance instance, void *user_data) {
    (void)instance, (void)user_data;
    return BACKSTAY_OK;
}

static void fire_and_wait(backstay_task task) {
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, NULL, &instance));
    CHECK_OK(backstay_instance_wait(instance, BACKSTAY_FOREVER, NULL));
    CHECK_OK(backstay_instance_release(instance));
}

/* ---- A running instance ----------------------------------------------------------------------------------------- */

/* An instance whose entry point has returned, and the deferral that keeps it Running. */
struct held {
    backstay_host host;
    backstay_instance instance;
    backstay_deferral deferral;
};

static backstay_status hold_on(backstay_instance instance, void *user_data) {
    struct held *held = user_data;
    return backstay_instance_get_deferral(instance, BACKSTAY_STR("hold"), &held->deferral);
}

static void hold(struct held *held) {
    held->host = open_host(1);
    backstay_task holding = register_task(held->host, BACKSTAY_STR("holding"), hold_on, held);
    backstay_task next = register_task(held->host, BACKSTAY_STR("next"), do_nothing, NULL);
    CHECK_OK(backstay_task_fire(holding, NULL, &held->instance));
    /* The only worker gets to the second firing when it has returned from the first. */
    fire_and_wait(next);
    CHECK_OK(backstay_task_release(next));
    CHECK_OK(backstay_task_release(holding));
}

static void let_go(struct held *held) {
    backstay_completion completion = {.struct_size = sizeof completion};
    CHECK_OK(backstay_deferral_complete(held->deferral));
    CHECK_OK(backstay_instance_wait(held->instance, BACKSTAY_FOREVER, &completion));
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.dropped_count == 0);
    CHECK_OK(backstay_instance_release(held->instance));
    close_host(held->host);
}

/* A deferral taken and completed, with the line that took it. */
static double play_deferral(uint64_t size) {
    struct held held;
    hold(&held);
    const uint64_t begin = now_ns();
    for (uint64_t pair = 0; pair < size; pair++) {
        backstay_deferral deferral;
        CHECK_OK(backstay_instance_get_deferral(held.instance, BACKSTAY_STR("upload"), &deferral));
        CHECK_OK(backstay_deferral_complete(deferral));
    }
    const double cost = cost_since(begin, size);
    let_go(&held);
    return cost;
}

static double play_is_canceled(uint64_t size) {
    struct held held;
    bool canceled = false;
    hold(&held);
    const uint64_t begin = now_ns();
    for (uint64_t look = 0; look < size && !canceled; look++) {
        CHECK_OK(backstay_instance_is_canceled(held.instance, &canceled, NULL));
    }
    const double cost = cost_since(begin, size);
    CHECK(!canceled);
    let_go(&held);
    return cost;
}

/* ---- Firings ---------------------------------------------------------------------------------------------------- */

/* The host that is kept. */
static struct {
    backstay_host host;
    /* A completed handler counts what ended of the first task; nobody listens to the second. */
    backstay_task counted, plain;
    struct countdown completions;
} kept;

static void count_completion(const backstay_completion *completion, void *user_data) {
    CHECK(completion->outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    countdown_step(user_data);
}

static void open_kept(void) {
    countdown_open(&kept.completions);
    kept.host = open_host(2);
    kept.counted = register_task(kept.host, BACKSTAY_STR("counted"), do_nothing, NULL);
    kept.plain = register_task(kept.host, BACKSTAY_STR("plain"), do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(kept.counted, count_completion, &kept.completions, NULL, NULL));
}

static void close_kept(void) {
    CHECK_OK(backstay_task_release(kept.plain));
    CHECK_OK(backstay_task_release(kept.counted));
    close_host(kept.host);
    countdown_close(&kept.completions);
}

/* From the first firing until the handler has been told of the last instance. */
static double play_fire(uint64_t size) {
    countdown_begin(&kept.completions, size);
    const uint64_t begin = now_ns();
    for (uint64_t firing = 0; firing < size; firing++) CHECK_OK(backstay_task_fire(kept.counted, NULL, NULL));
    countdown_wait(&kept.completions);
    const double cost = cost_since(begin, size);
    CHECK_OK(backstay_host_flush(kept.host, BACKSTAY_FOREVER));
    return cost;
}

/* The same for who wants the instance. */
static double play_fire_out(uint64_t size) {
    countdown_begin(&kept.completions, size);
    const uint64_t begin = now_ns();
    for (uint64_t firing = 0; firing < size; firing++) {
        backstay_instance instance;
        CHECK_OK(backstay_task_fire(kept.counted, NULL, &instance));
        CHECK_OK(backstay_instance_release(instance));
    }
    countdown_wait(&kept.completions);
    const double cost = cost_since(begin, size);
    CHECK_OK(backstay_host_flush(kept.host, BACKSTAY_FOREVER));
    return cost;
}

/* One firing after the other, each waited for. */
static double play_round_trip(uint64_t size) {
    const uint64_t begin = now_ns();
    for (uint64_t trip = 0; trip < size; trip++) fire_and_wait(kept.plain);
    const double cost = cost_since(begin, size);
    CHECK_OK(backstay_host_flush(kept.host, BACKSTAY_FOREVER));
    return cost;
}

/* ---- Calls ------------------------------------------------------------------------------------------------------ */

/* A call into the shared library that does nothing there. */
static double play_call(uint64_t size) {
    uint64_t sum = 0;
    const uint64_t begin = now_ns();
    for (uint64_t call = 0; call < size; call++) sum += backstay_abi_version();
    const double cost = cost_since(begin, size);
    CHECK(sum == size * backstay_abi_version());
    return cost;
}

#ifdef HAVE_GLIB
#define WITH_GLIB(play) play, NULL
#else
#define WITH_GLIB(play) NULL, "glib is not installed"
#endif

static const struct work works[] = {
    {"deferral", play_deferral, NULL},
    {"fire", play_fire, NULL},
    {"fire_out", play_fire_out, NULL},
    {"round_trip", play_round_trip, NULL},
    {"is_canceled", play_is_canceled, NULL},
    {"call", play_call, NULL},
    {"glib_pool", WITH_GLIB(play_glib_pool)},
    {"glib_cancellable", WITH_GLIB(play_glib_cancellable)},
};

int main(void) {
    open_kept();
    play_works(works, sizeof works / sizeof works[0]);
    close_kept();
    CHECK(backstay_live_handles() == 0);
    return 0;
}
