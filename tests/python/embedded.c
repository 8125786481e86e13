/*
 * A program that embeds Python, hosts by itself, and is there longer than its interpreter: what goes on, what ends, and
 * what a second interpreter is told. Built and run by tests/python/embedded.
 */
#include <backstay_python.h>

#include "../c/check.h"

#include <semaphore.h>

static const char PLUGIN[] =
    "import asyncio, backstay\n"
    "given, kept = [], []\n"
    "def start(handle):\n"
    "    host = backstay.Host.from_handle(handle)\n"
    "    told = host.get_task('told')\n"
    "    @host.task(grace=3600)\n"
    "    def patient(instance):\n"
    "        given.append(instance.get_deferral('given').detach())\n"
    "        told.fire()\n"
    "    @host.task(grace=3600)\n"
    "    async def endless(instance):\n"
    "        told.fire()\n"
    "        await asyncio.sleep(3600)\n"
    "    host.on_event(lambda event: None)\n"
    "def keep(handle):\n"
    "    kept.append(backstay.Deferral.from_handle(handle))\n";

static sem_t entered;
static backstay_deferral taken;

/* The tasks of the program: they say that somebody got so far, and one takes a deferral. */
static backstay_status tell(backstay_instance instance, void *takes) {
    const backstay_status status =
        takes == NULL ? BACKSTAY_OK : backstay_instance_get_deferral(instance, BACKSTAY_STR("kept"), &taken);
    sem_post(&entered);
    return status;
}

static backstay_task registered(backstay_host host, const char *name, void *takes) {
    backstay_task task;
    backstay_task_options options = {.struct_size = sizeof options, .run = tell, .user_data = takes};
    options.name = (backstay_str){name, strlen(name)};
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    return task;
}

static backstay_instance fired(backstay_task task) {
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, NULL, &instance));
    CHECK(sem_wait(&entered) == 0);
    return instance;
}

static void check_outcome(backstay_instance instance, backstay_outcome outcome, size_t dropped) {
    backstay_completion done = {.struct_size = sizeof done};
    CHECK_OK(backstay_instance_wait(instance, SOON, &done));
    CHECK(done.outcome == outcome && done.dropped_count == dropped);
    CHECK(dropped == 0 || done.dropped[0].language == BACKSTAY_LANGUAGE_PYTHON);
    CHECK_OK(backstay_instance_release(instance));
}

static void begin(const char *program) {
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    CHECK(!PyStatus_Exception(PyConfig_SetBytesString(&config, &config.program_name, program)));
    CHECK(!PyStatus_Exception(Py_InitializeFromConfig(&config)));
    PyConfig_Clear(&config);
}

/* Calls a function of the plug-in with a handle. */
static void call(const char *name, uint64_t handle) {
    PyObject *answer = PyObject_CallMethod(PyImport_AddModule("__main__"), name, "K", (unsigned long long)handle);
    CHECK(answer != NULL);
    Py_DECREF(answer);
}

static backstay_deferral given_by_python(void) {
    PyObject *given = PyObject_GetAttrString(PyImport_AddModule("__main__"), "given");
    CHECK(given != NULL && PyList_Size(given) == 1);
    const backstay_deferral deferral = {PyLong_AsUnsignedLongLong(PyList_GetItem(given, 0))};
    Py_DECREF(given);
    return deferral;
}

static void check_second_interpreter(const char *program) {
    begin(program);
    CHECK(backstay_import() == -1 && PyErr_ExceptionMatches(PyExc_ImportError));
    PyErr_Print();
    CHECK(Py_FinalizeEx() == 0);
}

int main(int count, char **arguments) {
    CHECK(count == 2 && sem_init(&entered, 0, 0) == 0);
    begin(arguments[1]);
    CHECK(backstay_import() == 0);
    const backstay_api before = *backstay_table;
    const backstay_host_options options = {.struct_size = sizeof options, .grace_ns = BACKSTAY_NO_TIME};
    backstay_host host;
    backstay_task patient, endless;
    CHECK_OK(backstay_host_open(&options, &host));
    backstay_task own = registered(host, "own", &taken), told = registered(host, "told", NULL);
    CHECK(PyRun_SimpleString(PLUGIN) == 0);
    call("start", host.id);
    CHECK_OK(backstay_host_task(host, BACKSTAY_STR("patient"), &patient));
    CHECK_OK(backstay_host_task(host, BACKSTAY_STR("endless"), &endless));

    /* One of a task of Python's, which gave its hold to C; one that it is busy with; one of C's, given to Python. */
    PyThreadState *state = PyEval_SaveThread();
    backstay_instance waits = fired(patient), sleeps = fired(endless), ours = fired(own);
    PyEval_RestoreThread(state);
    call("keep", taken.id);
    const backstay_deferral given = given_by_python();
    CHECK(Py_FinalizeEx() == 0 && Py_FinalizeEx() == 0);

    /* The table is what it was, and so is the host. Python's tasks are gone. */
    CHECK(memcmp(&before, backstay_table, sizeof before) == 0);
    CHECK_STATUS(backstay_task_fire(patient, NULL, NULL), BACKSTAY_UNREGISTERED);
    check_outcome(fired(told), BACKSTAY_OUTCOME_SUCCEEDED, 0);
    /* Its work was cancelled, what it had was dropped, and what C had of it is completed as ever. */
    check_outcome(sleeps, BACKSTAY_OUTCOME_CANCELED, 0);
    check_outcome(ours, BACKSTAY_OUTCOME_SUCCEEDED, 1);
    CHECK_OK(backstay_deferral_complete(given));
    check_outcome(waits, BACKSTAY_OUTCOME_CANCELED, 0);

    check_second_interpreter(arguments[1]);
    check_outcome(fired(told), BACKSTAY_OUTCOME_SUCCEEDED, 0);
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_shutdown(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.abandoned == 0 && report.stragglers == 0);
    CHECK_OK(backstay_task_release(patient));
    CHECK_OK(backstay_task_release(endless));
    CHECK_OK(backstay_task_release(own));
    CHECK_OK(backstay_task_release(told));
    CHECK_OK(backstay_host_release(host));
    CHECK(backstay_live_handles() == 0);
    return 0;
}
