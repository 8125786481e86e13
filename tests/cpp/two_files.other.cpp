// The other file of the test.
#include "check.hpp"

backstay::Task register_elsewhere(const backstay::Host &host);
backstay::Details details_elsewhere();
void throw_elsewhere();

backstay::Task register_elsewhere(const backstay::Host &host) {
    return add(host, "elsewhere", [](const backstay::Instance &instance) {
        throw std::runtime_error("it was fired with " + instance.details().as_text().value());
    });
}

backstay::Details details_elsewhere() {
    return backstay::Details::object(std::vector<std::string>{"elsewhere"});
}

void throw_elsewhere() {
    throw backstay::Error(backstay::Status::Closed);
}
