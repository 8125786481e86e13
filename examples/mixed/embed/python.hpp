// The interpreter of the application: how it begins, takes the plug-in in, and ends.
#ifndef EMBED_PYTHON_HPP
#define EMBED_PYTHON_HPP

#include <backstay_python.h> // includes Python.h, so it comes first; and has the table of the wheel's library

#include "codec.hpp"

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

class Python {
  public:
    /// Begins the interpreter of an environment, PROGRAM being its `bin/python`.
    explicit Python(const std::string &program) {
        PyConfig config;
        // Isolated: environment variables of Python's are not for it, and the signals stay the application's.
        PyConfig_InitIsolatedConfig(&config);
        PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, program.c_str());
        if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
        if (PyStatus_Exception(status)) {
            throw std::runtime_error(program + " does not start: " + status.err_msg);
        }
        // From here on the names of backstay.h stand for the functions of the package, also in threads without Python.
        if (backstay_import() == 0) return;
        fail(program + " has no backstay that fits; try: " + program + " -m pip install backstay");
    }

    /// Ends it. Its tasks leave the host, at most within the host's grace; the host, and what others hold, go on.
    ~Python() { Py_FinalizeEx(); }
    Python(const Python &) = delete;
    Python &operator=(const Python &) = delete;

    /// Imports the plug-in and calls its `start(handle, shrink)`. The codec outlives the interpreter.
    void start(const std::filesystem::path &plugin, const backstay::Host &host, Codec &codec) {
        static PyMethodDef method = {"shrink", shrink, METH_VARARGS, "shrink(handle, source, target, factor)"};
        const Object folder(PyUnicode_DecodeFSDefault(std::filesystem::absolute(plugin).parent_path().c_str()));
        const Object self(PyCapsule_New(&codec, nullptr, nullptr));
        const Object function(self ? PyCFunction_New(&method, self.get()) : nullptr);
        if (!folder || !function || PyList_Append(PySys_GetObject("path"), folder.get()) != 0) fail("out of memory");
        const Object module(PyImport_ImportModule(plugin.stem().c_str()));
        if (!module) fail(plugin.string() + " cannot be imported");
        const auto handle = static_cast<unsigned long long>(host.handle().id);
        const Object started(PyObject_CallMethod(module.get(), "start", "KO", handle, function.get()));
        if (!started) fail(plugin.string() + " does not start");
    }

    /// While one lives, the thread is without Python, and others have it: whoever waits for what tasks do has one.
    class Without {
      public:
        Without() : state_(PyEval_SaveThread()) {}
        ~Without() { PyEval_RestoreThread(state_); }
        Without(const Without &) = delete;
        Without &operator=(const Without &) = delete;

      private:
        PyThreadState *state_;
    };

  private:
    struct Release {
        void operator()(PyObject *object) const { Py_DECREF(object); }
    };
    using Object = std::unique_ptr<PyObject, Release>;

    /// Python says why, the application what that means.
    [[noreturn]] static void fail(const std::string &what) {
        PyErr_Print();
        throw std::runtime_error(what);
    }

    /// What the plug-in calls. The hold is the codec's from here on, also when there is an exception.
    static PyObject *shrink(PyObject *self, PyObject *arguments) {
        unsigned long long handle = 0, factor = 0;
        const char *source = nullptr, *target = nullptr;
        if (PyArg_ParseTuple(arguments, "KssK:shrink", &handle, &source, &target, &factor) == 0) return nullptr;
        auto *codec = static_cast<Codec *>(PyCapsule_GetPointer(self, nullptr));
        try {
            codec->put({backstay::Deferral::from_handle({handle}), source, target, factor});
        } catch (const std::exception &error) {
            return PyErr_Format(PyExc_RuntimeError, "shrink: %s", error.what());
        }
        Py_RETURN_NONE;
    }
};

#endif // EMBED_PYTHON_HPP
