// Macros that X11 and Windows define before the header is included do it no harm, and are theirs again behind it.
#define Status int
#define None 0L
#define Bool int
#define True 1
#define False 0
#define Success 0
#define Always 2
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define interface struct
#define small char

#include <backstay.hpp>

static Status number_of_x11() {
    return static_cast<Status>(None) + True;
}

#undef Status
#undef None
#include "check.hpp"

static void both_are_usable() {
    CHECK(number_of_x11() == 1);
    const backstay::Host host = manual_host();
    host.suspend(backstay::Cause::None);
    CHECK(host.try_task("nobody").status() == backstay::Status::NotFound);
    close(host);
}

TESTS(TEST(both_are_usable))
