/*
 * backstay for C and C++ extensions of Python programs.
 *
 * The extension uses the copy of the library that the Python package `backstay` has loaded: it shares the process's
 * hosts and instances, and links to nothing. Include this file in one file of the extension, which thereby defines the
 * table, and backstay_table.h in the others. All names of backstay.h and backstay.hpp work in each of them.
 *
 *   #include <backstay_python.h>                    // includes Python.h, so it comes first
 *
 *   static int exec_module(PyObject *module) {      // when the extension is imported
 *       (void)module;
 *       return backstay_import();                   // 0, or -1 with an ImportError set
 *   }
 *
 *   static PyModuleDef_Slot slots[] = {{Py_mod_exec, __extension__(void *)exec_module}, {0, NULL}};
 *
 * Compile with the folder that backstay.get_include() names. What was compiled runs with this package and with later
 * ones that only added functions; while the version is 0.x, with those of the same x. An older package is refused, and
 * so is one of another ABI: the ImportError names both versions and says which to update.
 *
 * To run with older packages, too, an extension names the last function, in the table's order, that it calls without
 * asking:
 *
 *   #define BACKSTAY_PYTHON_NEEDS instance_holders             // before the #include above
 *   ...
 *   if (BACKSTAY_HAS(job_run)) backstay_job_run(job);          // one that came later, where it is there
 *
 * backstay.hpp does not ask, so leave that out where you include it.
 */
#ifndef BACKSTAY_PYTHON_H
#define BACKSTAY_PYTHON_H

#include <Python.h>
#include <stdio.h>

#include "backstay_table.h"

#ifdef BACKSTAY_PYTHON_NEEDS
#define BACKSTAY_PYTHON_SIZE (offsetof(backstay_api, BACKSTAY_PYTHON_NEEDS) + sizeof(void (*)(void)))
#else
#define BACKSTAY_PYTHON_SIZE sizeof(backstay_api)
#endif

#if defined(__GNUC__)
#define BACKSTAY_PYTHON_PRIVATE __attribute__((visibility("hidden")))
#else
#define BACKSTAY_PYTHON_PRIVATE
#endif

const backstay_api *backstay_table;

/* The two functions of backstay.h that no macro of backstay_table.h stands for, for this extension alone. */
#ifdef __cplusplus
extern "C" {
#endif
BACKSTAY_PYTHON_PRIVATE const backstay_api *backstay_get_api(void) {
    return backstay_table;
}
BACKSTAY_PYTHON_PRIVATE backstay_status (backstay_instance_get_deferral)(backstay_instance instance, backstay_str label,
                                                                         backstay_deferral *out) {
    return backstay_table->instance_get_deferral(instance, label, out);
}
#ifdef __cplusplus
} /* extern "C" */
#endif

/* Why the extension cannot use the table of a package of this version, and what to do; NULL when it can. */
static inline const char *backstay_import_fault(const backstay_api *table, PyObject *version) {
    static const char package_is_old[] = "the package is too old; pip install --upgrade backstay";
    static const char extension_is_old[] = "the extension is too old; update it, or compile it again";
    const long long major = table->abi_major;
    int minor = BACKSTAY_VERSION_MINOR;
    if (major < BACKSTAY_ABI_MAJOR) return package_is_old;
    if (major > BACKSTAY_ABI_MAJOR) return extension_is_old;
    if (BACKSTAY_ABI_MAJOR == 0) { /* Of this major are versions that do not fit each other: 0.1 and 0.2. */
        PyObject *text = PyUnicode_AsUTF8String(version);
        if (text == NULL || sscanf(PyBytes_AsString(text), "0.%d", &minor) != 1) PyErr_Clear();
        Py_XDECREF(text);
    }
    if (minor > BACKSTAY_VERSION_MINOR) return extension_is_old;
    return minor < BACKSTAY_VERSION_MINOR || table->size < BACKSTAY_PYTHON_SIZE ? package_is_old : NULL;
}

/* Finds the table. 0, or -1 with an exception set, an ImportError that says what to do. Call it before any other
 * function, attached to the interpreter; to call it again does no harm. */
static inline int backstay_import(void) {
    /* Not by PyCapsule_Import, which hides why a package cannot be imported. */
    PyObject *package = PyImport_ImportModule("backstay");
    if (package == NULL) return -1;
    PyObject *capsule = PyObject_GetAttrString(package, "_C_API");
    PyObject *version = PyObject_GetAttrString(package, "__version__");
    const char *fault = "";
    if (version == NULL) version = PyUnicode_FromString("of unknown version");
    PyErr_Clear();
    if (version != NULL && capsule != NULL && PyCapsule_IsValid(capsule, "backstay._C_API")) {
        void *pointer = PyCapsule_GetPointer(capsule, "backstay._C_API");
#ifdef __cplusplus
        const backstay_api *table = static_cast<const backstay_api *>(pointer);
#else
        const backstay_api *table = pointer;
#endif
        fault = backstay_import_fault(table, version);
        if (fault == NULL) {
            backstay_table = table;
        } else {
            PyErr_Format(PyExc_ImportError,
                         "this extension was compiled with backstay %s (ABI %d.%d), "
                         "but the package is backstay %S (ABI %u.%u): %s",
                         BACKSTAY_VERSION, BACKSTAY_ABI_MAJOR, BACKSTAY_ABI_MINOR, version, table->abi_major,
                         table->abi_minor, fault);
        }
    } else {
        PyErr_Format(PyExc_ImportError, "%R is not the package backstay that this extension needs", package);
    }
    Py_XDECREF(version);
    Py_XDECREF(capsule);
    Py_DECREF(package);
    return fault == NULL ? 0 : -1;
}

#endif /* BACKSTAY_PYTHON_H */
