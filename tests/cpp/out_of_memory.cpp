// Where memory runs out in the middle of a call, a try_ method says so; nothing is lost, and user data ends once.
#include "check.hpp"

// How many more allocations of this thread succeed; negative: all of them.
static thread_local int left = -1;

#if defined(__clang__)
#if __has_feature(thread_sanitizer)
#define NEW_IS_TAKEN
#endif
#endif

#ifndef NEW_IS_TAKEN
static void *allocate(std::size_t size) {
    void *memory = left == 0 ? nullptr : std::malloc(size);
    if (left > 0) left--;
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
// Never inlined, so that memcheck, which replaces some of them, replaces all.
[[gnu::noinline]] void *operator new(std::size_t size) { return allocate(size); }
[[gnu::noinline]] void *operator new[](std::size_t size) { return allocate(size); }
[[gnu::noinline]] void operator delete(void *memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void *memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }
#endif

// Whether memory can run out: where a tool has functions of its own it never does, and there is nothing to see.
static bool can_run_out() {
    std::unique_ptr<int> *volatile asked = nullptr;
    left = 0;
    try {
        asked = new std::unique_ptr<int>;
    } catch (const std::bad_alloc &) {
    }
    left = -1;
    const bool is_refused = asked == nullptr;
    delete asked;
    return is_refused;
}

using backstay::Status;

// Calls with no memory, then with enough for one allocation, and so on until the call succeeds; how often it failed.
template <class Call> static int failures(Call &&call) {
    for (int room = 0; room < 100; room++) {
        left = room;
        auto answer = call();
        left = -1;
        if (answer.ok()) return room;
        CHECK(answer.status() == Status::OutOfMemory);
    }
    check::fail("no success", "with memory for 99 allocations", __FILE__, __LINE__);
}

static const char *const long_name = "a name that is too long for the room inside of a string";

static void a_host_opens_or_not() {
    Count destroyed;
    backstay::HostOptions options;
    options.manual_clock = true;
    options.executor = [witness = std::make_shared<Witness>(destroyed)](backstay::Job) {};
    options.log = [witness = std::make_shared<Witness>(destroyed), more = std::string(long_name)](std::string_view) {};
    CHECK(failures([&] { return backstay::Host::open(options); }) >= 2);
    CHECK(backstay_live_handles() == 0);
    options = {};
    await([&] { return destroyed.get() == 2; });
}

static void a_task_is_registered_or_not() {
    Count destroyed;
    {
        const backstay::Host host = manual_host();
        const auto options = backstay::TaskOptions().with_name(long_name).with_condition(long_name).with_run(
            [witness = Witness(destroyed)](const backstay::Instance &) {});
        CHECK(failures([&] { return host.try_register_task(options); }) >= 2);
        CHECK(failures([&] { return options.validate(); }) >= 1);
        CHECK(failures([&] { return host.try_tasks(); }) >= 1);
        const backstay::Task task = host.task(long_name);
        CHECK(failures([&] { return task.try_name(); }) >= 1);
        CHECK(failures([&] { return host.try_snapshot_json(); }) >= 1);
        close(host);
        CHECK(destroyed.get() == 0);
    }
    await([&] { return destroyed.get() == 1; });
}

static void a_handler_is_attached_or_not() {
    Count destroyed;
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    int tried = 0;
    const int failed = failures([&] {
        tried++;
        const int room = std::exchange(left, -1);
        auto handler = [witness = Witness(destroyed), more = std::array<char, 100>()] { (void)more; };
        left = room;
        return task.try_on_completed(std::move(handler));
    });
    CHECK(failed == 1 && tried == 2 && destroyed.get() == 1);
    close(host);
    await([&] { return destroyed.get() == 2; });
}

static void a_firing_is_one_or_none() {
    Count destroyed;
    const backstay::Host host = manual_host();
    const backstay::Task task = host.register_task(
        backstay::TaskOptions().with_name("waits").with_condition(long_name).with_run(nothing));
    auto details = backstay::Details::object(Witness(destroyed));
    CHECK(failures([&] { return task.try_fire(details); }) == 1);
    CHECK(task.pending() == 1 && destroyed.get() == 0);
    // Once it has fired it is told, even if there is no memory to say what it waits for.
    CHECK(failures([&] { return task.try_fire_with_answer(details); }) == 1);
    CHECK(task.pending() == 2);
    details = {};
    const backstay::Instance instance = task.fire(std::string(1000, '.'));
    CHECK(failures([&] { return instance.try_details(); }) >= 1);
    host.begin_shutdown(0s);
    CHECK(failures([&] { return host.try_wait(SOON); }) >= 2);
    CHECK(failures([&] { return instance.try_wait(SOON); }) == 0);
    close(host);
    await([&] { return destroyed.get() == 1; });
}

// The name is so long that it cannot be told without memory.
struct AnExceptionWithAVeryLongNameThatIsSaidInFull : std::exception {
    const char *what() const noexcept override { return "it failed while memory was short"; }
};

static void a_failure_is_told_without_memory() {
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "thrower", [](const backstay::Instance &) {
        left = 0;
        throw AnExceptionWithAVeryLongNameThatIsSaidInFull();
    });
    const backstay::Completion done = task.fire().wait(SOON);
    CHECK(done.error == "it failed while memory was short");
    CHECK(done.error_type == "AnExceptionWithAVeryLongNameThatIsSaidInFull");
    close(host);
}

int main() {
    if (!can_run_out()) return std::puts("skipped: memory does not run out here"), 0;
    return check::run({TEST(a_host_opens_or_not), TEST(a_task_is_registered_or_not), TEST(a_handler_is_attached_or_not),
                       TEST(a_firing_is_one_or_none), TEST(a_failure_is_told_without_memory)});
}
