// Two files of one program use the header: their objects, types and errors are the same.
#include "check.hpp"

#include <backstay.hpp> // once more, which changes nothing

backstay::Task register_elsewhere(const backstay::Host &host);
backstay::Details details_elsewhere();
void throw_elsewhere();

static void objects_cross() {
    const backstay::Host host = manual_host();
    const backstay::Task task = register_elsewhere(host);
    CHECK(task.fire(std::string("here")).wait(SOON).error == "it was fired with here");
    close(host);
}

static void types_of_details_cross() {
    const auto words = details_elsewhere().as_object<std::vector<std::string>>();
    CHECK(words && words->at(0) == "elsewhere" && !details_elsewhere().as_object<std::vector<int>>());
}

static void errors_cross() {
    CHECK_THROWS(Closed, throw_elsewhere());
}

TESTS(TEST(objects_cross), TEST(types_of_details_cross), TEST(errors_cross))
