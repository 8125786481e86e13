// An extension whose callbacks tell whether Python's interpreter was theirs when they were called.

#include <backstay_python.h>

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"

// Not one of the functions that every Python has under one name for ever, so it is looked for.
static int (*is_attached)(void);
static atomic_long calls, attached_calls;

static void look(void) {
    atomic_fetch_add(&calls, 1);
    if (is_attached()) atomic_fetch_add(&attached_calls, 1);
}

static backstay_status run(backstay_instance instance, void *unused) {
    (void)instance, (void)unused;
    look();
    return BACKSTAY_OK;
}

static void hear(const backstay_event *event, void *unused) {
    (void)event, (void)unused;
    look();
}

// watch(host): a task of C is in it from now on, and a handler that hears everything.
static PyObject *watch(PyObject *module, PyObject *handle) {
    (void)module;
    backstay_host host = {PyLong_AsUnsignedLongLong(handle)};
    if (PyErr_Occurred() != NULL) return NULL;
    CHECK_OK(backstay_task_release(register_task(host, "of C", run, NULL)));
    CHECK_OK(backstay_host_on_event(host, hear, NULL, NULL, NULL));
    Py_RETURN_NONE;
}

// How many calls there were, and how many of them attached.
static PyObject *seen(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return Py_BuildValue("ll", atomic_load(&calls), atomic_load(&attached_calls));
}

// run_attached(host): runs a task of C, and waits for it without letting the interpreter go. No program should; but what
// it waits for is none of Python's. Gives what `seen` does.
static PyObject *run_attached(PyObject *module, PyObject *handle) {
    backstay_host host = {PyLong_AsUnsignedLongLong(handle)};
    if (PyErr_Occurred() != NULL) return NULL;
    backstay_task task = register_task(host, "of C, at once", run, NULL);
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, NULL, &instance));
    CHECK_OK(backstay_instance_wait(instance, SOON, NULL));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    return seen(module, NULL);
}

static int execute(PyObject *module) {
    (void)module;
    void *found = dlsym(RTLD_DEFAULT, "PyGILState_Check");
    memcpy(&is_attached, &found, sizeof found);
    return backstay_import();
}

static PyMethodDef functions[] = {
    {"watch", watch, METH_O, NULL},
    {"run_attached", run_attached, METH_O, NULL},
    {"seen", seen, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, __extension__(void *)execute}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "detached", NULL, 0, functions, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_detached(void);
PyMODINIT_FUNC PyInit_detached(void) {
    return PyModuleDef_Init(&definition);
}
