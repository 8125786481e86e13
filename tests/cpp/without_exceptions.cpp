// Files that are compiled without exceptions and run-time types use the results of the try_ methods; they link with
// files that are not, and change nothing there.
#include "check.hpp"

namespace plain {
bool everything_works_by_results();
bool an_entry_point_fails_by_its_status();
} // namespace plain

static void all_is_done_by_results() {
    CHECK(plain::everything_works_by_results());
}

static void an_entry_point_fails_by_a_status() {
    CHECK(plain::an_entry_point_fails_by_its_status());
}

// The functions of both files have the same names in the source, but the linker must not take one for the other.
static void this_file_throws_all_the_same() {
    CHECK_THROWS(InvalidHandle, backstay::Task().name());
    CHECK_THROWS(NotFound, manual_host().task("nobody"));
    const backstay::Host host = manual_host();
    const auto thrower = [](const backstay::Instance &) { throw std::runtime_error("here they are"); };
    CHECK(add(host, "thrower", thrower).fire().wait(SOON).error == "here they are");
    close(host);
}

TESTS(TEST(all_is_done_by_results), TEST(an_entry_point_fails_by_a_status), TEST(this_file_throws_all_the_same))
