// What every test of the C++ header needs: checks that say where and what, a main function, a gate for threads to wait
// at, and the few lines that open and close a host.
//
// A check that fails ends the process at once: what follows a broken promise proves nothing. Times are those of a manual
// clock; a wait for another thread is bounded by SOON and never a sleep.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <backstay.hpp>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <thread>

#define CHECK(...) check::that(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK_THROWS(status, ...)                                                                         \
    check::throws(backstay::Status::status, [&] { (void)(__VA_ARGS__); }, #__VA_ARGS__, __FILE__, __LINE__)

// The test is named after its function: `TESTS(TEST(one), TEST(another))` is the main function.
#define TEST(function) {#function, function}
#define TESTS(...)                                                                                        \
    int main() { return check::run({__VA_ARGS__}); }

using namespace std::chrono_literals;

// How long a test waits for another thread before it calls that a hang.
constexpr backstay::Duration SOON = 10s;

namespace check {

// No destructors and exit handlers: another thread may still be inside of the library.
[[noreturn]] inline void fail(const char *said, const char *what, const char *file, int line) {
    std::fprintf(stderr, "%s:%d: %s: %s\n", file, line, said, what);
    std::fflush(nullptr);
    std::_Exit(1);
}

inline void that(bool condition, const char *what, const char *file, int line) {
    if (!condition) fail("not true", what, file, line);
}

#if BACKSTAY_HAS_EXCEPTIONS
template <class Code> void throws(backstay::Status wanted, Code &&code, const char *what, const char *file, int line) {
    try {
        code();
    } catch (const backstay::Error &error) {
        if (error.status() != wanted) fail(error.what(), what, file, line);
        return;
    }
    fail("nothing thrown", what, file, line);
}
#endif

struct Test {
    const char *name;
    void (*run)();
};

// Every test leaves no handle behind, so a leak is told with the name of the test that leaks.
inline int run(std::initializer_list<Test> tests) {
    for (const Test &test : tests) {
        test.run();
        const auto left = static_cast<unsigned long long>(backstay_live_handles());
        if (left != 0) return std::fprintf(stderr, "%s: %llu handles are left\n", test.name, left), 1;
        std::printf("ok %s\n", test.name);
    }
    return 0;
}

} // namespace check

// A gate is shut until it is opened, once and for all.
class Gate {
  public:
    void open() {
        const std::lock_guard<std::mutex> lock(mutex_);
        is_open_ = true;
        // Under the lock, since whoever waits may end the gate as soon as it has seen it open.
        opened_.notify_all();
    }
    void wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        CHECK(opened_.wait_for(lock, SOON, [this] { return is_open_; }));
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_ = false;
};

// Waits for what another thread is about to do without telling anybody.
template <class Condition> void await(Condition &&condition) {
    for (const std::time_t begin = std::time(nullptr); !condition(); std::this_thread::yield()) {
        CHECK(std::time(nullptr) - begin <= std::chrono::duration_cast<std::chrono::seconds>(SOON).count());
    }
}

// A host whose time stands still.
inline backstay::Host manual_host(uint32_t workers = 0) {
    backstay::HostOptions options;
    options.workers = workers;
    options.manual_clock = true;
    return backstay::Host(options);
}

// Ends a host at once and proves that nothing was left in it.
inline void close(const backstay::Host &host) {
    const backstay::DrainReport report = host.shutdown(0s);
    CHECK(report.state == backstay::HostState::Closed && report.stragglers == 0);
}

inline backstay::Task add(const backstay::Host &host, const char *name, backstay::EntryPoint run) {
    return host.register_task(backstay::TaskOptions().with_name(name).with_run(std::move(run)));
}

// An entry point that does nothing.
inline void nothing(const backstay::Instance &) {}

// Returns when every entry point that was fired before has returned, on a host with one worker: it runs one more.
inline void settle(const backstay::Host &host) {
    auto options = backstay::TaskOptions().with_name("settle").with_if_exists(backstay::IfExists::Keep).with_run(nothing);
    host.register_task(options).fire().wait(SOON);
}

// What a test counts on one thread and looks at on another.
struct Count {
    int get() {
        const std::lock_guard<std::mutex> lock(mutex);
        return number;
    }
    void add() {
        const std::lock_guard<std::mutex> lock(mutex);
        number++;
    }
    std::mutex mutex;
    int number = 0;
};

// Lines that another thread says.
struct Lines {
    void add(std::string_view line) {
        const std::lock_guard<std::mutex> lock(mutex);
        lines.emplace_back(line);
    }
    bool has(std::string_view part) {
        const std::lock_guard<std::mutex> lock(mutex);
        for (const std::string &line : lines) {
            if (line.find(part) != std::string::npos) return true;
        }
        return false;
    }
    std::mutex mutex;
    std::vector<std::string> lines;
};

// Captured by a callback, it tells how often the callback was destroyed.
struct Witness {
    explicit Witness(Count &destroyed) : count(&destroyed, [](Count *ended) { ended->add(); }) {}
    std::unique_ptr<Count, void (*)(Count *)> count;
};

#endif // CHECK_HPP
