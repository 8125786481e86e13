// The part of the test that is linked to the library.
#include "check.hpp"

namespace linked {

bool works();

bool works() {
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "linked", nothing);
    CHECK(task.fire("text").wait(SOON).outcome == backstay::Outcome::Succeeded);
    CHECK_THROWS(NotFound, host.task("nobody"));
    close(host);
    return true;
}

} // namespace linked
