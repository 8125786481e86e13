// The same from C++17: what the header includes and links to must be found, too.
#include <backstay.hpp>

#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace std::chrono_literals;

namespace {

void check(bool kept, const char *promise) {
    if (kept) return;
    std::fprintf(stderr, "%s\n", promise);
    std::exit(1);
}

} // namespace

int main() {
    std::thread upload;
    {
        backstay::Host host;
        backstay::TaskOptions options;
        options.with_name("copy").with_run([&](const backstay::Instance &instance) {
            upload = std::thread([deferral = instance.get_deferral("upload")]() mutable { deferral.complete(); });
        });
        const auto completion = host.register_task(options).fire("photo.jpg").wait();
        check(completion.outcome == backstay::Outcome::Succeeded, "it succeeds");
        check(host.shutdown(5s).state == backstay::HostState::Closed, "the host is shut down");
    }
    upload.join();
    check(backstay_live_handles() == 0, "nothing is left");
    std::puts(BACKSTAY_VERSION);
}
