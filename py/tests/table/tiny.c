// An extension that finds the table and lets an instance live through it. The tests compile it with this and with other
// headers: NAME is the module's name, LATER the function that `has_later` asks for.

#include <backstay_python.h>

#include "check.h"

#define JOINED(left, right) left##right
#define JOIN(left, right) JOINED(left, right)
#define QUOTED(name) #name
#define QUOTE(name) QUOTED(name)

static PyObject *table(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyLong_FromSize_t((size_t)backstay_table);
}

static PyObject *import_again(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    if (backstay_import() != 0 || backstay_import() != 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *has_later(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyBool_FromLong(BACKSTAY_HAS(LATER));
}

// A handle to a new host, or the name of the status.
static PyObject *new_host(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    backstay_host host;
    backstay_status status = backstay_host_open(NULL, &host);
    if (status != BACKSTAY_OK) return PyUnicode_FromString(backstay_status_name(status));
    return PyLong_FromUnsignedLongLong(host.id);
}

// One instance from its firing to its end, which waits for its deferral.
static backstay_outcome live(backstay_host host) {
    struct held held = HELD;
    backstay_task task = register_task(host, "life", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_outcome outcome = wait_for(instance).outcome;
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    return outcome;
}

// life(host): how an instance in it ended; the host ends with it.
static PyObject *life(PyObject *module, PyObject *handle) {
    (void)module;
    backstay_host host = {PyLong_AsUnsignedLongLong(handle)};
    backstay_outcome outcome;
    if (PyErr_Occurred() != NULL) return NULL;
    Py_BEGIN_ALLOW_THREADS
    outcome = live(host);
    close_host(host);
    Py_END_ALLOW_THREADS
    return PyUnicode_FromString(backstay_outcome_name(outcome));
}

static int execute(PyObject *module) {
    (void)module;
    return backstay_import();
}

static PyMethodDef functions[] = {
    {"table", table, METH_NOARGS, NULL},
    {"import_again", import_again, METH_NOARGS, NULL},
    {"has_later", has_later, METH_NOARGS, NULL},
    {"new_host", new_host, METH_NOARGS, NULL},
    {"life", life, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, __extension__(void *)execute}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, QUOTE(NAME), NULL, 0, functions, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC JOIN(PyInit_, NAME)(void);
PyMODINIT_FUNC JOIN(PyInit_, NAME)(void) {
    return PyModuleDef_Init(&definition);
}
