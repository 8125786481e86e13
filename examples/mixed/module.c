// The Python module `compare`. Only here do C and Python meet; the threads of pool.c never come here.

#define PY_SSIZE_T_CLEAN
#include <backstay_python.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "job.h"
#include "pool.h"

static PyObject *refused(const char *what, backstay_status status) {
    return PyErr_Format(PyExc_RuntimeError, "%s: %s", what, backstay_status_message(status));
}

// The paths of a list of bytes, one behind the other with a zero after each. NULL with an exception set.
static char *copy_paths(PyObject *list, size_t count) {
    size_t length = 0;
    for (size_t index = 0; index < count; index++) {
        char *path;
        Py_ssize_t size;
        PyObject *item = PyList_GetItem(list, (Py_ssize_t)index);
        if (item == NULL || PyBytes_AsStringAndSize(item, &path, &size) != 0) return NULL;
        if (memchr(path, 0, (size_t)size) != NULL) {
            PyErr_SetString(PyExc_ValueError, "a path contains a zero byte");
            return NULL;
        }
        length += (size_t)size + 1;
    }
    char *paths = malloc(length > 0 ? length : 1), *next = paths;
    if (paths == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (size_t index = 0; index < count; index++) {
        PyObject *item = PyList_GetItem(list, (Py_ssize_t)index);
        size_t size = (size_t)PyBytes_Size(item);
        memcpy(next, PyBytes_AsString(item), size + 1);
        next += size + 1;
    }
    return paths;
}

static struct job *make_job(backstay_instance borrowed, PyObject *list, uint64_t size) {
    size_t count = (size_t)PyList_Size(list);
    char *paths = copy_paths(list, count);
    if (paths == NULL) return NULL;
    uint8_t id[16];
    backstay_instance instance;
    backstay_status status = backstay_instance_id(borrowed, id);
    if (status == BACKSTAY_OK) status = backstay_instance_dup(borrowed, &instance);
    if (status != BACKSTAY_OK) {
        free(paths);
        refused("this is no instance", status);
        return NULL;
    }
    struct job *job = job_new(instance, id, size, count, paths);
    if (job == NULL) {
        backstay_instance_release(instance);
        free(paths);
        PyErr_NoMemory();
    }
    return job;
}

static PyObject *start(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned long long handle, size;
    PyObject *list;
    if (!PyArg_ParseTuple(arguments, "KOK:start", &handle, &list, &size)) return NULL;
    if (!PyList_Check(list)) return PyErr_Format(PyExc_TypeError, "the paths must be a list of bytes");
    struct job *job = make_job((backstay_instance){handle}, list, size);
    if (job == NULL) return NULL;
    table_put(job);
    backstay_status status = compare_start(job);
    if (status != BACKSTAY_OK) {
        struct job *taken = table_take(job->id);
        if (taken != NULL) job_release(taken);
    }
    job_release(job);
    if (status != BACKSTAY_OK) return refused("the comparison could not begin", status);
    Py_RETURN_NONE;
}

static int append_new(PyObject *list, PyObject *item) {
    int failed = item == NULL || PyList_Append(list, item) != 0;
    Py_XDECREF(item);
    return failed ? -1 : 0;
}

static PyObject *class_members(const struct job *job, const struct class *class) {
    PyObject *members = PyList_New(0);
    for (size_t index = class->first; members != NULL && index != NO_FILE; index = job->files[index].next_equal) {
        const struct stamp *stamp = &job->files[index].stamp;
        PyObject *member = Py_BuildValue("(nKK)", (Py_ssize_t)index, (unsigned long long)stamp->device,
                                         (unsigned long long)stamp->inode);
        if (append_new(members, member) != 0) Py_CLEAR(members);
    }
    return members;
}

static int add_groups(const struct job *job, PyObject *groups) {
    for (size_t bucket = 0; bucket < job->bucket_count; bucket++)
        for (const struct class *class = job->buckets[bucket].classes; class != NULL; class = class->next)
            if (class->count > 1 && append_new(groups, class_members(job, class)) != 0) return -1;
    return 0;
}

static int add_errors(const struct job *job, PyObject *errors) {
    for (size_t index = 0; index < job->file_count; index++) {
        int reason = job->files[index].reason;
        if (reason != 0 && append_new(errors, Py_BuildValue("(ni)", (Py_ssize_t)index, reason)) != 0) return -1;
    }
    return 0;
}

// Late pieces of an abandoned instance may still write, hence the lock; they hold it only for a moment and never wait
// for Python.
static PyObject *take(PyObject *module, PyObject *argument) {
    (void)module;
    char *id;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(argument, &id, &length) != 0) return NULL;
    if (length != 16) return PyErr_Format(PyExc_ValueError, "an id has 16 bytes");
    struct job *job = table_take((const uint8_t *)id);
    if (job == NULL) Py_RETURN_NONE;

    PyObject *groups = PyList_New(0), *errors = PyList_New(0), *result = NULL;
    pthread_mutex_lock(&job->lock);
    if (groups != NULL && errors != NULL && add_groups(job, groups) == 0 && add_errors(job, errors) == 0)
        result = Py_BuildValue("(OOK)", groups, errors, (unsigned long long)atomic_load(&job->bytes_read));
    pthread_mutex_unlock(&job->lock);
    job_release(job);
    Py_XDECREF(groups);
    Py_XDECREF(errors);
    return result;
}

static PyObject *stall(PyObject *module, PyObject *argument) {
    (void)module;
    unsigned long long handle = PyLong_AsUnsignedLongLong(argument);
    if (PyErr_Occurred() != NULL) return NULL;
    backstay_status status = compare_stall((backstay_instance){handle});
    if (status != BACKSTAY_OK) return refused("the stalling thread could not begin", status);
    Py_RETURN_NONE;
}

static PyObject *set_threads(PyObject *module, PyObject *argument) {
    (void)module;
    size_t count = PyLong_AsSize_t(argument);
    if (PyErr_Occurred() != NULL) return NULL;
    pool_set_threads(count);
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *argument) {
    (void)module;
    unsigned long milliseconds = PyLong_AsUnsignedLong(argument);
    if (PyErr_Occurred() != NULL) return NULL;
    size_t left;
    Py_BEGIN_ALLOW_THREADS
    left = pool_stop(milliseconds < UINT_MAX ? (unsigned)milliseconds : UINT_MAX);
    Py_END_ALLOW_THREADS
    return PyLong_FromSize_t(left);
}

static int execute(PyObject *module) {
    if (backstay_import() != 0) return -1;
    if (PyModule_AddIntConstant(module, "NOT_REGULAR", FILE_NOT_REGULAR) != 0) return -1;
    if (PyModule_AddIntConstant(module, "LENGTH", FILE_LENGTH) != 0) return -1;
    return PyModule_AddIntConstant(module, "CHANGED", FILE_CHANGED);
}

static PyMethodDef functions[] = {
    {"set_threads", set_threads, METH_O, "set_threads(count): how many threads; before the first start. 0: the cores."},
    {"start", start, METH_VARARGS, "start(handle, paths, size): compares the files on threads of C; returns at once."},
    {"take", take, METH_O, "take(id): what was found, (groups, errors, bytes_read), once; None when there is nothing."},
    {"stall", stall, METH_O, "stall(handle): holds the instance until the process ends."},
    {"stop", stop, METH_O, "stop(milliseconds): lets the threads end; how many still run after that time."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, __extension__(void *)execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "compare", "Compares files byte for byte, on threads that Python never sees.", 0, functions,
    slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_compare(void);
PyMODINIT_FUNC PyInit_compare(void) {
    return PyModuleDef_Init(&definition);
}
