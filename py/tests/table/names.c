// An extension that uses every name of backstay.h: the half in C, which has the table. `names.inc` is made by the test:
// NAME(backstay_…) for every function that the header declares.

#include <backstay_python.h>

#include "every_call.h"
#include "names.h"

#define NAME(name) {#name, (function)(name)},

static int add_addresses(PyObject *module, const char *list_name, const struct named *named) {
    PyObject *addresses = PyDict_New();
    for (; addresses != NULL && named->name != NULL; named++) {
        PyObject *address = PyLong_FromSize_t((size_t)named->address);
        if (address == NULL || PyDict_SetItemString(addresses, named->name, address) != 0) Py_CLEAR(addresses);
        Py_XDECREF(address);
    }
    // The module takes it when that succeeds.
    if (addresses != NULL && PyModule_AddObject(module, list_name, addresses) == 0) return 0;
    Py_XDECREF(addresses);
    return -1;
}

// Calls every function that takes a handle with a zero one; how many there are.
static PyObject *call_all(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    FOR_EVERY_CALL(call) {
        CHECK_STATUS(refused(call, 0), call->ending == RELEASES ? BACKSTAY_OK : BACKSTAY_INVALID_HANDLE);
    }
    return PyLong_FromSize_t(CALLS);
}

static PyObject *life_in_cpp(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    const char *said;
    Py_BEGIN_ALLOW_THREADS
    said = cpp_life();
    Py_END_ALLOW_THREADS
    return PyUnicode_FromString(said);
}

static int execute(PyObject *module) {
    if (backstay_import() != 0) return -1;
    const struct named in_c[] = {
#include "names.inc"
        {NULL, NULL}};
    if (PyModule_AddIntConstant(module, "gives_the_table", backstay_get_api() == backstay_table) != 0) return -1;
    if (add_addresses(module, "in_c", in_c) != 0) return -1;
    return add_addresses(module, "in_cpp", cpp_names());
}

static PyMethodDef functions[] = {
    {"call_all", call_all, METH_NOARGS, NULL},
    {"life_in_cpp", life_in_cpp, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, __extension__(void *)execute}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "names", NULL, 0, functions, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_names(void);
PyMODINIT_FUNC PyInit_names(void) {
    return PyModuleDef_Init(&definition);
}
