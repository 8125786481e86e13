// A try_ method never throws and never ends the program, also when what it is given throws while it is moved.
#include "check.hpp"

using backstay::Status;

// Moving it throws, as it may where a lambda has captured a constant: that is copied instead.
struct Fragile {
    explicit Fragile(Count &ended) : destroyed(&ended) {}
    Fragile(Fragile &&other) : destroyed(other.destroyed), moves(other.moves + 1) {
        if (moves == 1) throw std::runtime_error("it broke");
    }
    ~Fragile() { destroyed->add(); }
    void operator()() const {}
    Count *destroyed;
    int moves = 0;
};

static void the_exception_is_an_answer() {
    Count destroyed;
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    CHECK(task.try_on_completed(Fragile(destroyed)).status() == Status::Internal);
    // The argument; what was to be made of it was never there.
    CHECK(destroyed.get() == 1);
    task.fire().wait(SOON);
    host.flush(SOON);
    close(host);
}

TESTS(TEST(the_exception_is_an_answer))
