// An extension that uses every name of backstay.h: the half in C++, which also uses backstay.hpp.

#include <backstay_table.h>

#include <backstay.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "names.h"

#define NAME(name) {#name, reinterpret_cast<function>(name)},

const named *cpp_names() {
    static const named names[] = {
#include "names.inc"
        {nullptr, nullptr}};
    return names;
}

const char *cpp_life() try {
    const backstay::Host host;
    const auto task = host.register_task(backstay::TaskOptions{}.with_name("life").with_run([](backstay::Instance own) {
        std::thread([deferral = own.get_deferral("life")]() mutable { deferral.complete(); }).detach();
    }));
    const auto done = task.fire("text").wait(std::chrono::seconds(10));
    host.shutdown(std::chrono::seconds(10));
    return backstay_outcome_name(static_cast<backstay_outcome>(done.outcome));
} catch (const std::exception &error) {
    static std::string text;
    text = error.what();
    return text.c_str();
}
