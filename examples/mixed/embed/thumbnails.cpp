// An application in C++ that embeds Python: it hosts, Python plug-ins say what is done, its own codec does it.
//
//   thumbnails PYTHON PLUGIN [GRACE]     PYTHON is the bin/python of an environment that has backstay, GRACE in seconds
//
// Reads names of pictures from standard input until SIGINT or SIGTERM; a line "?" asks who holds what. Then Python
// leaves, and last the host is shut down. The exit status is 0 when nothing had to be given up.
#include "python.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

/// The lines of standard input, as far as they are there.
class Lines {
  public:
    /// Whole lines go to `use`; whether there can be more.
    template <class Use> bool read(Use use) {
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count <= 0) return count < 0 && errno == EINTR;
        rest_.append(bytes.data(), static_cast<size_t>(count));
        for (size_t end; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
            use(rest_.substr(0, end));
        }
        return true;
    }

  private:
    std::string rest_;
};

/// What became of all pictures.
struct Tally {
    std::atomic<unsigned> made = 0, given_up = 0;
};

void tell(const backstay::Holder &holder) {
    const bool is_deferral = holder.kind == backstay::HolderKind::Deferral;
    const std::string label = is_deferral ? '"' + holder.label + '"' : "by its entry point";
    const std::string note = holder.note.empty() ? "" : "; " + holder.note;
    std::printf("  %s holds %s %s, taken at %s:%u in %s%s\n", name(holder.language), holder.task.c_str(),
                label.c_str(), holder.file.c_str(), holder.line, name(holder.site_language), note.c_str());
}

/// What became of each picture, and whatever did not go well.
void tell(const backstay::Event &event, Tally &tally) {
    if (event.kind != backstay::EventKind::Completed) return;
    const backstay::Completion done = event.instance.wait(0s);
    if (done.outcome == backstay::Outcome::Succeeded && done.task != "reduce") return;
    const std::string what = event.instance.details().as_bytes(), why = done.error.empty() ? "" : ", " + done.error;
    std::printf("%s %s: %s%s\n", done.task.c_str(), what.c_str(), name(done.outcome), why.c_str());
    for (const backstay::Holder &holder : done.holders) tell(holder);
    if (done.outcome == backstay::Outcome::Succeeded) tally.made++;
    if (done.outcome == backstay::Outcome::Abandoned) tally.given_up++;
}

void tell_holders(const backstay::Host &host) {
    const std::vector<backstay::Holder> holders = host.holders();
    std::printf("holders: %zu\n", holders.size());
    for (const backstay::Holder &holder : holders) tell(holder);
}

/// Fires a task for each line until a signal comes. This thread is without Python, so that the tasks have it.
void serve(const backstay::Host &host, int signals) {
    const Python::Without without;
    const backstay::Task arrive = host.task("arrive");
    std::array<pollfd, 2> polled = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    Lines lines;
    std::printf("ready\n");
    while (polled[1].revents == 0) {
        if (::poll(polled.data(), polled.size(), -1) < 0) continue;
        const auto use = [&](const std::string &line) {
            if (line == "?") return tell_holders(host);
            const auto fired = arrive.try_fire(line);
            if (!fired) std::printf("refused %s: %s\n", line.c_str(), fired.text().c_str());
        };
        // The end of the list is not the end of the work.
        if (polled[0].revents != 0 && !lines.read(use)) polled[0].fd = -1;
    }
    signalfd_siginfo taken{};
    (void)!::read(signals, &taken, sizeof taken);
}

bool run(const std::string &program, const std::string &plugin, backstay::Duration grace) {
    // Before there is any other thread, so that they all leave these signals to this one.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int asked_to_end = ::signalfd(-1, &signals, SFD_CLOEXEC);
    if (asked_to_end < 0) throw std::system_error(errno, std::generic_category(), "signalfd");

    std::optional<Python> python(program);
    backstay::HostOptions settings;
    settings.grace = grace;
    const backstay::Host host(settings);
    Tally tally;
    host.on_event([&tally](const backstay::Event &event) { tell(event, tally); });
    const auto total = host.register_task(backstay::TaskOptions().with_name("total").with_run(
        [&tally](const backstay::Instance &) { std::printf("%u made\n", tally.made.load()); }));
    Codec codec(host);
    python->start(plugin, host, codec);
    serve(host, asked_to_end);
    // A second signal does not wait.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);

    // Python first, as long as there is a host that its tasks can leave. Whatever comes late then still finds a host.
    python.reset();
    std::printf("Python has left\n");
    const bool is_idle = codec.close(grace);
    host.flush(grace);
    total.fire().wait(grace);
    const backstay::DrainReport report = host.shutdown(grace);
    std::printf("%s\n", report.text.c_str());
    for (const backstay::Straggler &straggler : host.stragglers()) {
        std::printf("  %s has not returned\n", straggler.task.c_str());
    }
    return is_idle && tally.given_up == 0 && report.stragglers == 0;
}

} // namespace

int main(int argc, char **argv) try {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc < 3 || argc > 4) return std::fprintf(stderr, "usage: thumbnails PYTHON PLUGIN [GRACE]\n"), 2;
    const std::chrono::duration<double> grace(argc == 4 ? std::stod(argv[3]) : 5);
    return run(argv[1], argv[2], std::chrono::duration_cast<backstay::Duration>(grace)) ? 0 : 1;
} catch (const std::exception &error) {
    return std::fprintf(stderr, "thumbnails: %s\n", error.what()), 2;
}
