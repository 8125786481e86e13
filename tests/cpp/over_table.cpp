// The header works over the table of functions, as in an extension of a Python program; files of the same program that
// are linked to the library keep to their own functions.
#include <backstay_table.h>

#include "check.hpp"

// An extension has this from backstay_python.h.
const backstay_api *backstay_table;

namespace linked {
bool works();
} // namespace linked

// As long as there is no table, only the file that is linked may be used: it must not run functions of this one.
static void the_linked_file_needs_no_table() {
    CHECK(backstay_table == nullptr && linked::works());
    backstay_table = backstay_get_api();
}

// The test's own table, to see that it is used.
static backstay_api functions;
static int opened = 0;

static backstay_status open(const backstay_host_options *options, backstay_host *out) {
    opened++;
    return backstay_get_api()->host_open(options, out);
}

static void a_life_over_the_table() {
    functions = *backstay_get_api();
    functions.host_open = open;
    backstay_table = &functions;
    const backstay::Host host = manual_host();
    CHECK(opened == 1);
    Count completed;
    const backstay::Task task = add(host, "table", [](backstay::Instance instance) {
        auto deferral = instance.get_deferral("by the table");
        CHECK(instance.holders().at(0).label == "by the table");
        std::thread([d = std::move(deferral)]() mutable { d.complete(); }).join();
    });
    task.on_completed([&](const backstay::Completion &done) {
        CHECK(done.dropped.empty());
        completed.add();
    });
    CHECK(task.fire("text").wait(SOON).outcome == backstay::Outcome::Succeeded);
    CHECK_THROWS(NotFound, host.task("nobody"));
    host.flush(SOON);
    CHECK(linked::works() && opened == 1);
    CHECK(completed.get() == 1 && host.snapshot_json().find("table") != std::string::npos);
    close(host);
}

TESTS(TEST(the_linked_file_needs_no_table), TEST(a_life_over_the_table))
