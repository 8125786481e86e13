/*
 * backstay for C and C++ extensions of Python programs.
 *
 * The extension uses the copy of the library that the Python package `backstay` has loaded: it shares the process's
 * hosts and instances, and links to nothing. Include this file in one file of the extension, which thereby defines the
 * table, and backstay_table.h in the others.
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
 * Compile with the folder that backstay.get_include() names.
 */
#ifndef BACKSTAY_PYTHON_H
#define BACKSTAY_PYTHON_H

#include <Python.h>

#include "backstay_table.h"

const backstay_api *backstay_table;

/* Finds the table. 0, or -1 with an ImportError that says what to do. Call it before any other function, attached to the
 * interpreter. */
static inline int backstay_import(void) {
    const backstay_api *table = (const backstay_api *)PyCapsule_Import("backstay._C_API", 0);
    if (table == NULL) return -1;
    if (table->abi_major != BACKSTAY_ABI_MAJOR) {
        PyErr_Format(PyExc_ImportError,
                     "this extension was compiled for ABI %d of backstay, but the package has ABI %d; compile it again",
                     (int)BACKSTAY_ABI_MAJOR, (int)table->abi_major);
        return -1;
    }
    if (table->size < sizeof(backstay_api)) {
        PyErr_Format(PyExc_ImportError,
                     "this extension was compiled for ABI %d.%d of backstay, but the package has ABI %d.%d; update it",
                     (int)BACKSTAY_ABI_MAJOR, (int)BACKSTAY_ABI_MINOR, (int)table->abi_major, (int)table->abi_minor);
        return -1;
    }
    backstay_table = table;
    return 0;
}

#endif /* BACKSTAY_PYTHON_H */
