#include "world.h"

#include <dirent.h>
#include <sched.h>
#include <time.h>

struct world world = {.lock = PTHREAD_MUTEX_INITIALIZER, .gate = PTHREAD_MUTEX_INITIALIZER};

void wrong(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

void trace(const char *call, uint64_t id, backstay_status seen) {
    if (getenv("TRACE") != NULL) fprintf(stderr, "%s(%#018llx) = %s\n", call, (unsigned long long)id,
                                         backstay_status_name(seen));
}

/* Another thread of the library is about to do what is waited for; when it does not, that is a finding, too. */
#define AWAIT(condition)                                                                                  \
    for (const time_t begin = time(NULL); !(condition); sched_yield()) CHECK(time(NULL) - begin < 10)

/* ---- Handles ---- */

static struct handle *find(uint64_t id) {
    for (int index = world.handle_count - 1; index >= 0; index--) {
        if (world.handles[index].id == id) return &world.handles[index];
    }
    return NULL;
}

/* What was lent to a callback that has returned ends a moment later, on the thread that called it. */
static void await_return(uint64_t id) {
    backstay_state state;
    AWAIT(backstay_instance_get_state((backstay_instance){id}, &state) == BACKSTAY_STALE_HANDLE);
    has_ended(id);
}

static enum what look_up(uint64_t id, enum kind kind) {
    pthread_mutex_lock(&world.lock);
    const struct handle *handle = find(id);
    enum what what = handle == NULL ? NEVER_SEEN : handle->is_live ? GOOD : ENDED;
    const enum owner owner = handle == NULL ? OURS : handle->owner;
    if (handle != NULL && handle->kind != kind) what = what == GOOD ? ANOTHER_KIND : ENDED_OF_ANOTHER_KIND;
    pthread_mutex_unlock(&world.lock);
    if (what != GOOD && what != ANOTHER_KIND) return what;
    if (owner != RETURNED) return owner == OURS ? what : BUSY;
    await_return(id);
    return what == GOOD ? ENDED : ENDED_OF_ANOTHER_KIND;
}

/* A random handle that is of this kind and good, or not of it or ended, as wanted; 0 if there is none. */
static uint64_t some_handle(struct input *input, enum kind kind, bool of_kind, bool is_live) {
    uint64_t found = 0;
    pthread_mutex_lock(&world.lock);
    const int count = world.handle_count, first = count == 0 ? 0 : (int)below(input, (unsigned)count);
    for (int step = 0; step < count && found == 0; step++) {
        const struct handle *handle = &world.handles[(first + step) % count];
        if ((handle->kind == kind) == of_kind && handle->is_live == is_live && handle->owner != OF_A_CALLBACK) {
            found = handle->id;
        }
    }
    pthread_mutex_unlock(&world.lock);
    return found;
}

struct subject choose(struct input *input, enum kind kind) {
    const unsigned how = below(input, 32);
    uint64_t id = 0;
    if (how < 24) {
        id = some_handle(input, kind, true, true);
    } else if (how < 27) {
        id = some_handle(input, kind, true, false);
    } else if (how < 28) {
        id = some_handle(input, kind, false, true);
    } else if (how < 30) {
        // One bit of type, salt, generation or index is another one.
        id = some_handle(input, kind, true, how == 28) ^ UINT64_C(1) << below(input, 64);
    } else if (how < 31) {
        id = take_number(input);
    }
    return (struct subject){id, kind, look_up(id, kind)};
}

void given(enum kind kind, uint64_t id, enum owner owner, uint64_t like) {
    pthread_mutex_lock(&world.lock);
    // A value is given once and never again.
    CHECK(id != 0 && find(id) == NULL && world.handle_count < MOST_HANDLES);
    struct handle *handle = &world.handles[world.handle_count];
    *handle = (struct handle){.id = id, .kind = kind, .owner = owner, .is_live = true};
    if (kind == DEFERRAL) {
        const struct handle *other = find(like);
        const bool shares = other != NULL && other->kind == DEFERRAL;
        handle->hold = shares ? other->hold : world.hold_count++;
        if (!shares) world.holds[handle->hold] = (struct hold){false, 0};
        world.holds[handle->hold].handles++;
    }
    world.handle_count++;
    pthread_mutex_unlock(&world.lock);
}

void has_ended(uint64_t id) {
    pthread_mutex_lock(&world.lock);
    struct handle *handle = find(id);
    if (handle != NULL && handle->is_live) {
        handle->is_live = false;
        struct hold *hold = &world.holds[handle->hold];
        // The last handle of a deferral drops the hold.
        if (handle->kind == DEFERRAL && --hold->handles == 0) hold->is_ended = true;
    }
    pthread_mutex_unlock(&world.lock);
}

void now_belongs_to(enum owner owner, uint64_t id) {
    pthread_mutex_lock(&world.lock);
    struct handle *handle = find(id);
    CHECK(handle != NULL);
    handle->owner = owner;
    pthread_mutex_unlock(&world.lock);
}

bool is_live(uint64_t id) {
    pthread_mutex_lock(&world.lock);
    const struct handle *handle = find(id);
    const bool live = handle != NULL && handle->is_live;
    pthread_mutex_unlock(&world.lock);
    return live;
}

bool has_room(void) {
    pthread_mutex_lock(&world.lock);
    const bool room = world.handle_count < MOST_HANDLES - 300;
    pthread_mutex_unlock(&world.lock);
    return room && atomic_load(&world.user_data_count) < MOST_USER_DATA - 100;
}

static bool is_known(uint64_t id) {
    pthread_mutex_lock(&world.lock);
    const bool known = find(id) != NULL;
    pthread_mutex_unlock(&world.lock);
    return known;
}

bool holds_still(uint64_t id) {
    pthread_mutex_lock(&world.lock);
    const struct handle *handle = find(id);
    const bool holds = handle != NULL && handle->kind == DEFERRAL && !world.holds[handle->hold].is_ended;
    pthread_mutex_unlock(&world.lock);
    return holds;
}

void hold_has_ended(uint64_t id) {
    pthread_mutex_lock(&world.lock);
    const struct handle *handle = find(id);
    if (handle != NULL && handle->kind == DEFERRAL) world.holds[handle->hold].is_ended = true;
    pthread_mutex_unlock(&world.lock);
}

/* ---- Answers ---- */

#define BAD_HANDLE                                                                                        \
    (CAN(BACKSTAY_INVALID_HANDLE) | CAN(BACKSTAY_STALE_HANDLE) | CAN(BACKSTAY_WRONG_HANDLE_TYPE) |        \
     CAN(BACKSTAY_FOREIGN_HANDLE))

bool answered(const char *call, struct subject subject, backstay_status seen, uint32_t can) {
    trace(call, subject.id, seen);
    const uint32_t stale = can & COMPLETES ? CAN(BACKSTAY_ALREADY_COMPLETED) : CAN(BACKSTAY_STALE_HANDLE);
    uint32_t may = can & CAN(BACKSTAY_INVALID_ARGUMENT);
    CHECK(seen <= 0 && seen >= BACKSTAY_INTERNAL);
    switch (subject.what) {
    case GOOD: may = can; break;
    case ENDED: may |= stale; break;
    case ANOTHER_KIND: may |= CAN(BACKSTAY_WRONG_HANDLE_TYPE); break;
    case ENDED_OF_ANOTHER_KIND: may |= CAN(BACKSTAY_WRONG_HANDLE_TYPE) | CAN(BACKSTAY_STALE_HANDLE); break;
    case NEVER_SEEN:
    case BUSY:
        may |= BAD_HANDLE | stale;
        if (subject.id == 0 && can & RELEASES) may = CAN(BACKSTAY_OK);
        // A callback was lent this value, or was given it, and is about to tell the world.
        if ((may & CAN(seen)) == 0) AWAIT(is_known(subject.id));
        if (subject.id != 0) may |= can;
        break;
    }
    if ((may & CAN(seen)) == 0) {
        fprintf(stderr, "%s(%#llx) was answered with %s\n", call, (unsigned long long)subject.id,
                backstay_status_name(seen));
        wrong("the answer is one of those that may be", __FILE__, __LINE__);
    }
    return seen == BACKSTAY_OK;
}

struct result new_result(size_t size, uint32_t struct_size) {
    struct result result = {size, malloc(size), malloc(size)};
    memset(result.memory, 0xA5, size);
    // What the caller sets in a struct is zero beyond the size: no buffers of its own.
    if (struct_size != 0) {
        memset(result.memory, 0, size);
        memcpy(result.memory, &struct_size, sizeof struct_size);
    }
    memcpy(result.before, result.memory, size);
    return result;
}

struct result take_result(struct input *input, size_t size, bool *is_good) {
    uint32_t struct_size = (uint32_t)size;
    size_t memory = size;
    *is_good = true;
    if (rarely(input, 8)) {
        struct_size = below(input, 2) == 0 ? take(input) : (uint32_t)size + take(input);
        memory = struct_size < 8 ? 8 : struct_size;
        *is_good = struct_size >= 8;
    } else if (rarely(input, 16)) {
        struct_size = UINT32_MAX - take(input);
        *is_good = false;
    }
    struct result result = new_result(memory, struct_size == 0 ? 1 : struct_size);
    memcpy(result.memory, &struct_size, sizeof struct_size);
    memcpy(result.before, &struct_size, sizeof struct_size);
    return result;
}

void check_result(struct result *result, bool is_ok) {
    CHECK(is_ok || memcmp(result->memory, result->before, result->size) == 0);
    free(result->memory);
    free(result->before);
}

/* ---- User data ---- */

struct user_data *new_user_data(struct input *input, uint64_t host) {
    struct user_data *data = malloc(sizeof *data);
    data->number = atomic_fetch_add(&world.user_data_count, 1);
    CHECK(data->number < MOST_USER_DATA);
    data->host = host;
    for (size_t index = 0; index < sizeof data->script; index++) data->script[index] = take(input);
    return data;
}

void end_user_data(void *user_data) {
    struct user_data *data = user_data;
    CHECK(!atomic_exchange(&world.ended[data->number], true));
    // No lock of the library is held here: any call is fine.
    backstay_live_handles();
    free(data);
}

bool is_ended(int number) {
    return atomic_load(&world.ended[number]);
}

/* ---- The beginning and the end ---- */

static int threads_before;

static int count_threads(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    CHECK(folder != NULL);
    for (const struct dirent *thread = readdir(folder); thread != NULL; thread = readdir(folder)) {
        count += thread->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

void begin_world(void) {
    // The fuzzer has threads of its own.
    if (threads_before == 0) threads_before = count_threads();
    CHECK(backstay_live_handles() == 0);
    world.handle_count = world.hold_count = 0;
    atomic_store(&world.user_data_count, 0);
    for (int number = 0; number < MOST_USER_DATA; number++) atomic_store(&world.ended[number], false);
    atomic_store(&world.may_abandon, false);
    atomic_store(&world.fuel, 32);
    world.is_gate_shut = false;
}

static void end_handle(const struct handle *handle) {
    backstay_status seen = BACKSTAY_OK;
    const uint64_t id = handle->id;
    switch (handle->kind) {
    case HOST:
        seen = backstay_host_shutdown((backstay_host){id}, 0, NULL);
        CHECK(seen == BACKSTAY_OK);
        seen = backstay_host_release((backstay_host){id});
        break;
    case TASK: seen = backstay_task_release((backstay_task){id}); break;
    case INSTANCE: seen = backstay_instance_release((backstay_instance){id}); break;
    case DEFERRAL: seen = backstay_deferral_release((backstay_deferral){id}); break;
    case SUBSCRIPTION: seen = backstay_subscription_release((backstay_subscription){id}); break;
    case JOB: seen = backstay_job_run((backstay_job){id}); break;
    case KINDS: break;
    }
    trace("the end of", id, seen);
    CHECK(seen == BACKSTAY_OK);
    has_ended(id);
}

/* Ends every good handle of ours; running a job may make more. */
static void end_handles(void) {
    for (int index = 0; index < world.handle_count; index++) {
        pthread_mutex_lock(&world.lock);
        const struct handle handle = world.handles[index];
        pthread_mutex_unlock(&world.lock);
        if (handle.is_live && handle.owner == OURS) end_handle(&handle);
    }
}

static bool is_all_user_data_ended(void) {
    for (int number = 0; number < atomic_load(&world.user_data_count); number++) {
        if (!is_ended(number)) return false;
    }
    return true;
}

/* Everything is released, and then nothing is left: no handle, no user data, no thread, and so no host. */
void end_world(void) {
    if (world.is_gate_shut) pthread_mutex_unlock(&world.gate);
    world.is_gate_shut = false;
    atomic_store(&world.may_abandon, true);
    AWAIT((end_handles(), backstay_live_handles() == 0));
    AWAIT((end_handles(), is_all_user_data_ended()));
    AWAIT(count_threads() <= threads_before);
    CHECK(backstay_live_handles() == 0);
}
