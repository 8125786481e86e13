/* The Python module `relay_office`: the plan goes in, the answers come out, and Python's own carriers send and receive. */
#define PY_SSIZE_T_CLEAN
#include <backstay_python.h>

#include <stdlib.h>

#include "office.h"
#include "plan.h"

static PyObject *answer(int status) {
    if (status == BACKSTAY_OK) Py_RETURN_NONE;
    return PyErr_Format(PyExc_RuntimeError, "%s", backstay_status_name(status));
}

static void *cleared(size_t count, size_t size) {
    void *made = calloc(count, size);
    if (made == NULL) PyErr_NoMemory();
    return made;
}

/* plan(instances, tickets): counts of tickets as 4 bytes each; tickets as 1 + 5 * 2 bytes each, taker and hops. */
static PyObject *set_plan(PyObject *module, PyObject *arguments) {
    (void)module;
    const unsigned char *counts, *tickets;
    Py_ssize_t counts_size, tickets_size;
    if (!PyArg_ParseTuple(arguments, "y#y#:plan", &counts, &counts_size, &tickets, &tickets_size)) return NULL;
    plan.instance_count = (size_t)counts_size / 4;
    plan.ticket_count = (size_t)tickets_size / (1 + 2 * MOST_HOPS);
    plan.instances = cleared(plan.instance_count, sizeof *plan.instances);
    plan.tickets = cleared(plan.ticket_count, sizeof *plan.tickets);
    if (PyErr_Occurred() != NULL) return NULL;
    uint32_t next = 0;
    for (size_t index = 0; index < plan.instance_count; index++) {
        const unsigned char *count = counts + index * 4;
        plan.instances[index].first = next;
        plan.instances[index].count = (uint32_t)(count[0] | count[1] << 8 | count[2] << 16);
        for (uint32_t number = 0; number < plan.instances[index].count; number++, next++) {
            struct ticket *ticket = &plan.tickets[next];
            const unsigned char *from = tickets + (size_t)next * (1 + 2 * MOST_HOPS);
            ticket->instance = (uint32_t)index;
            ticket->taker = from[0];
            for (size_t hop = 0; hop < MOST_HOPS; hop++) {
                ticket->hops[hop] = (struct hop){.language = from[1 + 2 * hop], .acts = from[2 + 2 * hop]};
            }
        }
    }
    office_prepare();
    Py_RETURN_NONE;
}

static PyObject *carry(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned long long host;
    unsigned threads;
    if (!PyArg_ParseTuple(arguments, "KI:carry", &host, &threads)) return NULL;
    int status = carry_in_c((backstay_host){host}, threads);
    if (status == BACKSTAY_OK) status = carry_in_cpp((backstay_host){host}, threads);
    return answer(status);
}

static PyObject *listen(PyObject *module, PyObject *argument) {
    (void)module;
    const backstay_host host = {PyLong_AsUnsignedLongLong(argument)};
    const int status = listen_in_c(host);
    return answer(status == BACKSTAY_OK ? listen_in_cpp(host) : status);
}

static PyObject *receive(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    struct parcel parcel;
    Py_BEGIN_ALLOW_THREADS
    parcel = office_receive(BACKSTAY_LANGUAGE_PYTHON);
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(IIIIK)", parcel.kind, parcel.number, parcel.acts, parcel.taker,
                         (unsigned long long)parcel.handle);
}

static PyObject *open_instance(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned number;
    unsigned long long instance, guard;
    if (!PyArg_ParseTuple(arguments, "IKK:open", &number, &instance, &guard)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    office_open(number, (backstay_instance){instance}, (backstay_deferral){guard});
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *taken(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned number;
    int status;
    unsigned long long deferral;
    if (!PyArg_ParseTuple(arguments, "IiK:taken", &number, &status, &deferral)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    office_taken(number, status, (backstay_deferral){deferral});
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *pass_on(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned number;
    unsigned long long deferral;
    if (!PyArg_ParseTuple(arguments, "IK:pass_on", &number, &deferral)) return NULL;
    office_pass(number, (backstay_deferral){deferral});
    Py_RETURN_NONE;
}

static PyObject *ended(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned number;
    int status, again;
    if (!PyArg_ParseTuple(arguments, "Iii:ended", &number, &status, &again)) return NULL;
    office_ended(number, status, again);
    Py_RETURN_NONE;
}

static PyObject *wrong(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned number;
    const char *what;
    if (!PyArg_ParseTuple(arguments, "Is:wrong", &number, &what)) return NULL;
    office_wrong(BACKSTAY_LANGUAGE_PYTHON, number, what);
    Py_RETURN_NONE;
}

static PyObject *release(PyObject *module, PyObject *argument) {
    (void)module;
    return answer(backstay_instance_release((backstay_instance){PyLong_AsUnsignedLongLong(argument)}));
}

/* What is wrong, "" when nothing is; or how much has not ended within so many seconds. */
static PyObject *wait_for_end(PyObject *module, PyObject *argument) {
    (void)module;
    const unsigned long seconds = PyLong_AsUnsignedLong(argument);
    size_t missing;
    bool ended;
    if (PyErr_Occurred() != NULL) return NULL;
    Py_BEGIN_ALLOW_THREADS
    ended = office_wait((unsigned)seconds, &missing);
    Py_END_ALLOW_THREADS
    if (!ended) return PyUnicode_FromFormat("%zu holds have not ended", missing);
    return PyUnicode_FromString(office_said());
}

static PyObject *join(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    Py_BEGIN_ALLOW_THREADS
    join_c();
    join_cpp();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* answers(): of each deferral (taken, ended, again), and of each instance that of its guard. */
static PyObject *answers(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    PyObject *tickets = PyList_New((Py_ssize_t)plan.ticket_count);
    PyObject *guards = PyList_New((Py_ssize_t)plan.instance_count);
    for (size_t number = 0; tickets != NULL && number < plan.ticket_count; number++) {
        const struct ticket *ticket = &plan.tickets[number];
        PyObject *entry = Py_BuildValue("(iii)", ticket->taken, ticket->answer, ticket->again);
        if (entry == NULL || PyList_SetItem(tickets, (Py_ssize_t)number, entry) != 0) Py_CLEAR(tickets);
    }
    for (size_t index = 0; guards != NULL && index < plan.instance_count; index++) {
        PyObject *entry = PyLong_FromLong(plan.instances[index].guard_answer);
        if (entry == NULL || PyList_SetItem(guards, (Py_ssize_t)index, entry) != 0) Py_CLEAR(guards);
    }
    if (tickets == NULL || guards == NULL) return NULL;
    return Py_BuildValue("(NN)", tickets, guards);
}

/* told(language): the ids of the completions that its handlers were told of, 16 bytes each. */
static PyObject *told(PyObject *module, PyObject *argument) {
    (void)module;
    size_t bytes;
    const uint8_t *ids = office_told((uint32_t)PyLong_AsUnsignedLong(argument), &bytes);
    return PyBytes_FromStringAndSize((const char *)ids, (Py_ssize_t)bytes);
}

/* The post office for the carriers of Rust: the addresses of its functions, in the order of `Office` there. */
static PyObject *addresses(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return Py_BuildValue("(KKKKKKK)", (unsigned long long)(uintptr_t)office_receive,
                         (unsigned long long)(uintptr_t)office_open, (unsigned long long)(uintptr_t)office_taken,
                         (unsigned long long)(uintptr_t)office_pass, (unsigned long long)(uintptr_t)office_ended,
                         (unsigned long long)(uintptr_t)office_completed, (unsigned long long)(uintptr_t)office_wrong);
}

static PyMethodDef functions[] = {
    {"plan", set_plan, METH_VARARGS, NULL},     {"carry", carry, METH_VARARGS, NULL},
    {"listen", listen, METH_O, NULL},           {"receive", receive, METH_NOARGS, NULL},
    {"open", open_instance, METH_VARARGS, NULL}, {"taken", taken, METH_VARARGS, NULL},
    {"pass_on", pass_on, METH_VARARGS, NULL},   {"ended", ended, METH_VARARGS, NULL},
    {"release", release, METH_O, NULL},
    {"wrong", wrong, METH_VARARGS, NULL},       {"wait", wait_for_end, METH_O, NULL},
    {"join", join, METH_NOARGS, NULL},          {"answers", answers, METH_NOARGS, NULL},
    {"told", told, METH_O, NULL},               {"addresses", addresses, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int execute(PyObject *module) {
    (void)module;
    return backstay_import();
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, __extension__(void *)execute}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "relay_office", NULL, 0, functions, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_relay_office(void);
PyMODINIT_FUNC PyInit_relay_office(void) {
    return PyModuleDef_Init(&definition);
}
