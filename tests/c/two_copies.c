/*
 * Two copies of the library in one process: each tells the other's handles from its own, and keeps its own.
 *
 * The mark that tells them apart is 8 bits of a handle, made from where the copy was loaded. When the two are equal by
 * chance, a foreign handle is like any number, and may even be that of another object; the one below is made not to be.
 */
#define _GNU_SOURCE
#include "check.h"

#include <dlfcn.h>
#include <unistd.h>

/* For the layout of the table; from here on the names stand for the table of the copy that this program is linked to. */
#include <backstay_table.h>
const backstay_api *backstay_table;

/* Copies the file from which the library was loaded, since the same file is never loaded twice. */
static void *load_another_copy(void) {
    Dl_info info;
    char path[] = "/tmp/backstay-copy-XXXXXX", buffer[65536];
    CHECK(dladdr(__extension__(void *)backstay_get_api, &info) != 0);
    FILE *from = fopen(info.dli_fname, "rb");
    const int descriptor = mkstemp(path);
    CHECK(from != NULL && descriptor >= 0);
    for (size_t read; (read = fread(buffer, 1, sizeof buffer, from)) > 0;) {
        CHECK(write(descriptor, buffer, read) == (ssize_t)read);
    }
    fclose(from);
    close(descriptor);
    void *copy = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (copy == NULL) fprintf(stderr, "%s\n", dlerror());
    unlink(path);
    return copy;
}

static const backstay_api *table_of(void *copy) {
    const backstay_api *(*get)(void) = NULL;
    *(void **)&get = dlsym(copy, "backstay_get_api");
    CHECK(get != NULL);
    return get();
}

static void check_foreign(backstay_status seen, uint64_t one, uint64_t other) {
    const bool marks_are_equal = (one >> 48 & 0xff) == (other >> 48 & 0xff);
    CHECK(seen == BACKSTAY_FOREIGN_HANDLE || (marks_are_equal && seen != BACKSTAY_OK));
}

static void each_copy_refuses_the_handles_of_the_other(void) {
    void *copy = load_another_copy();
    CHECK(copy != NULL);
    backstay_table = backstay_get_api();
    const backstay_api *other = table_of(copy);
    CHECK(other != backstay_get_api());

    /* The copy has two hosts, so that the second one's place in its table is one that ours does not have. */
    backstay_host ours = open_host(1), first, theirs;
    backstay_host_state state = 7;
    CHECK_OK(other->host_open(NULL, &first));
    CHECK_OK(other->host_open(NULL, &theirs));
    check_foreign(backstay_host_get_state(theirs, &state), ours.id, theirs.id);
    check_foreign(backstay_host_release(theirs), ours.id, theirs.id);
    CHECK(state == 7);
    CHECK_OK(other->host_get_state(theirs, &state));
    CHECK(state == BACKSTAY_HOST_OPEN && other->live_handles() == 2 && backstay_live_handles() == 1);

    CHECK_OK(other->host_release(first));
    CHECK_OK(other->host_release(theirs));
    CHECK(other->live_handles() == 0);
    close_host(ours);
    /* The copy stays loaded, as NODELETE says. */
    CHECK(dlclose(copy) == 0 && other->live_handles() == 0);
}

TESTS(TEST(each_copy_refuses_the_handles_of_the_other))
