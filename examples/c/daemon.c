/*
 * A daemon that reads every file of a directory, again and again, and says how many bytes there are: a start for
 * programs that do periodic work and end properly when they are told to.
 *
 *   daemon [--every TIME] [--deadline TIME] [--grace TIME] [--everything] DIRECTORY      TIME is 50ms, 2s, 15m
 *
 * SIGTERM or SIGINT asks the work to stop and gives it the grace; a second one does not wait. The exit status is 0 when
 * all work ended in time, 1 when some was given up, which the last lines name, and 2 when nothing could begin.
 */
#define _POSIX_C_SOURCE 200809L
#include <backstay.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct daemon {
    backstay_host host;
    sigset_t signals;
    const char *directory;
    int64_t every_ns, deadline_ns, grace_ns;
    bool everything; // also what is no file, such as a pipe, whose reading may never end
};

/* One scan: begun by the entry point, ended by a thread that reads. */
struct scan {
    const struct daemon *daemon;
    DIR *directory;
    backstay_instance instance;
    backstay_deferral deferral;
    uint32_t files;
    uint64_t bytes;
};

/* Asked between two pieces of work: stands still while the scan is suspended, and notes that this holder has looked. */
static bool is_to_stop(const struct scan *scan) {
    bool canceled = true;
    backstay_instance_checkpoint(scan->instance, &canceled);
    backstay_deferral_is_canceled(scan->deferral, &canceled, NULL);
    return canceled;
}

static void read_file(struct scan *scan, const char *name) {
    char block[1 << 16];
    struct stat about;
    const int folder = dirfd(scan->directory);
    if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(about.st_mode)) return;
    const bool is_file = S_ISREG(about.st_mode);
    if (!is_file && !scan->daemon->everything) return;
    backstay_deferral_set_note(scan->deferral, (backstay_str){name, strlen(name)});
    if (!is_file) printf("%s is no file and may never end\n", name);
    const int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return; // gone meanwhile, or not ours to read
    for (ssize_t count; !is_to_stop(scan) && (count = read(file, block, sizeof block)) > 0;) {
        scan->bytes += (uint64_t)count;
    }
    close(file);
    backstay_instance_set_progress(scan->instance, ++scan->files);
}

/* The thread that reads: it may take as long as it likes, since the deferral holds the instance. */
static void *read_all(void *argument) {
    struct scan *scan = argument;
    for (struct dirent *entry; !is_to_stop(scan) && (entry = readdir(scan->directory)) != NULL;) {
        read_file(scan, entry->d_name);
    }
    if (!is_to_stop(scan)) printf("%u files, %llu bytes\n", scan->files, (unsigned long long)scan->bytes);
    closedir(scan->directory);
    backstay_instance_release(scan->instance);
    backstay_deferral_complete(scan->deferral); // the last: the daemon may end now
    free(scan);
    return NULL;
}

static backstay_status failed(backstay_instance instance, int error) {
    const char *text = strerror(error);
    backstay_instance_set_error(instance, (backstay_str){text, strlen(text)});
    return BACKSTAY_FAILED;
}

/* The entry point: it begins the scan and returns, so that no worker waits for a disk. */
static backstay_status begin_scan(backstay_instance instance, void *user_data) {
    const struct daemon *daemon = user_data;
    pthread_t thread;
    struct scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL) return BACKSTAY_OUT_OF_MEMORY;
    scan->daemon = daemon;
    scan->directory = opendir(daemon->directory);
    int error = scan->directory == NULL ? errno : 0;
    backstay_status status = error != 0 ? failed(instance, error) : backstay_instance_dup(instance, &scan->instance);
    if (status == BACKSTAY_OK) status = backstay_instance_get_deferral(instance, BACKSTAY_STR("read"), &scan->deferral);
    if (status == BACKSTAY_OK && (error = pthread_create(&thread, NULL, read_all, scan)) == 0) {
        pthread_detach(thread);
        return BACKSTAY_OK;
    }
    // Releasing 0 is fine, so this undoes as much of it as there is.
    backstay_deferral_release(scan->deferral);
    backstay_instance_release(scan->instance);
    if (scan->directory != NULL) closedir(scan->directory);
    free(scan);
    return status == BACKSTAY_OK ? failed(instance, error) : status;
}

/* The daemon's log: written on the host's one events thread, in order. */
static void tell(const backstay_event *event, void *user_data) {
    const int length = (int)event->task.len;
    (void)user_data;
    if (event->kind == BACKSTAY_EVENT_PROGRESS) printf("%.*s: %u read\n", length, event->task.ptr, event->progress);
    if (event->kind == BACKSTAY_EVENT_OVERDUE) printf("%.*s: takes long\n", length, event->task.ptr);
}

static void tell_end(const backstay_completion *done, void *user_data) {
    const long long ms = done->ran_ns / 1000000;
    (void)user_data;
    printf("%.*s: %s after %lld ms%s%.*s\n", (int)done->task.len, done->task.ptr,
           backstay_outcome_name(done->outcome), ms, done->error.len > 0 ? ", " : "", (int)done->error.len,
           done->error.ptr);
}

/* The thread that signals go to. Main does not stop it: a handle that is used too late is answered, not fatal. */
static void *await_signals(void *argument) {
    const struct daemon *daemon = argument;
    int signal;
    for (int64_t grace = daemon->grace_ns; sigwait(&daemon->signals, &signal) == 0; grace = 0) {
        printf("%s: %s\n", strsignal(signal), grace > 0 ? "ending" : "ending at once");
        backstay_host_begin_shutdown(daemon->host, grace); // of several, the earliest counts
    }
    return NULL;
}

static int64_t time_of(const char *text) {
    char *unit;
    const double number = strtod(text, &unit);
    const double factor = !strcmp(unit, "ms") ? 1e6 : !strcmp(unit, "s") ? 1e9 : !strcmp(unit, "m") ? 6e10 : 0;
    const double ns = number * factor;
    return ns >= 1 && ns < 9e18 ? (int64_t)ns : -1;
}

static bool read_arguments(struct daemon *daemon, char **arguments) {
    for (; *arguments != NULL && strncmp(*arguments, "--", 2) == 0; arguments++) {
        int64_t *time = strcmp(*arguments, "--every") == 0      ? &daemon->every_ns
                        : strcmp(*arguments, "--deadline") == 0 ? &daemon->deadline_ns
                        : strcmp(*arguments, "--grace") == 0    ? &daemon->grace_ns
                                                                : NULL;
        if (time == NULL && strcmp(*arguments, "--everything") != 0) return false;
        if (time == NULL) daemon->everything = true;
        if (time != NULL && (arguments[1] == NULL || (*time = time_of(*++arguments)) < 0)) return false;
    }
    daemon->directory = *arguments;
    return arguments[0] != NULL && arguments[1] == NULL;
}

static int fail(const char *why) {
    fprintf(stderr, "daemon: %s\n", why);
    return 2;
}

int main(int count, char **arguments) {
    // Static, as work that was given up may still use it.
    static struct daemon daemon = {
        .every_ns = 60000000000, .deadline_ns = BACKSTAY_FOREVER, .grace_ns = 5000000000};
    pthread_t thread;
    backstay_task task;
    backstay_error error = {.struct_size = sizeof error};
    backstay_host_options host = {.struct_size = sizeof host, .overdue_after_ns = 10000000000};
    backstay_task_options options = {.struct_size = sizeof options, .name = BACKSTAY_STR("scan"), .run = begin_scan};
    if (count < 2 || !read_arguments(&daemon, arguments + 1)) return fail("try daemon --every 2s DIRECTORY");
    setvbuf(stdout, NULL, _IOLBF, 0);
    // Before any thread, as all of them inherit it: only the thread that waits for signals gets them.
    sigemptyset(&daemon.signals);
    sigaddset(&daemon.signals, SIGTERM);
    sigaddset(&daemon.signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &daemon.signals, NULL);

    host.grace_ns = daemon.grace_ns;
    options.trigger = BACKSTAY_TRIGGER_EVERY; // a clock's firings are merged while a scan runs
    options.period_ns = daemon.every_ns;
    options.deadline_ns = daemon.deadline_ns;
    options.user_data = &daemon;
    if (backstay_host_open(&host, &daemon.host) != BACKSTAY_OK) return fail("no host");
    if (backstay_task_register(daemon.host, &options, &task, &error) != BACKSTAY_OK) return fail(error.text);
    backstay_host_on_event(daemon.host, tell, NULL, NULL, NULL);
    backstay_task_on_completed(task, tell_end, NULL, NULL, NULL);
    if (pthread_create(&thread, NULL, await_signals, &daemon) != 0) return fail("no thread for signals");
    printf("reading %s\n", daemon.directory);

    char words[4096];
    backstay_drain_report report = {.struct_size = sizeof report, .text = words, .text_capacity = sizeof words};
    const backstay_status status = backstay_host_wait(daemon.host, BACKSTAY_FOREVER, &report);
    printf("%s\n", status == BACKSTAY_OK ? words : backstay_status_message(status));
    backstay_task_release(task);
    backstay_host_release(daemon.host);
    return status != BACKSTAY_OK || report.abandoned > 0 || report.stragglers > 0;
}
