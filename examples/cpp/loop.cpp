// An application with an event loop of its own that lends it to backstay: it watches a directory and prints the checksum
// of every file that is written or moved there, as cksum(1) does.
//
//   checksums DIRECTORY        until SIGINT or SIGTERM; the exit status says whether everything ended well
//
// All work happens on one thread, the one that runs the loop. The host's executor puts its jobs into the loop; each file
// is one instance of one task, which reads a slice, goes to the end of the queue, and so lets everything else have its
// turn. Handlers of backstay run on a thread of the library, and only put what they have to say into the loop.
#include <backstay.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

int checked(int answer, const std::string &what) {
    if (answer < 0) throw std::system_error(errno, std::generic_category(), what);
    return answer;
}

/// A file descriptor that is closed when it is no longer needed.
class File {
  public:
    File(int descriptor, const std::string &name) : descriptor_(checked(descriptor, name)) {}
    ~File() { ::close(descriptor_); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

// ---- The loop of the application -------------------------------------------------------------------------------------

class Loop {
  public:
    using Work = std::function<void()>;

    /// Runs work on the loop's thread, after what waits already. From any thread.
    void post(Work work) {
        const std::lock_guard<std::mutex> lock(mutex_);
        queue_.push_back(std::move(work));
        ::eventfd_write(awake_.get(), 1);
    }
    /// Runs `ready` whenever there is something to read.
    void watch(const File &file, Work ready) {
        polled_.push_back({file.get(), POLLIN, 0});
        ready_.push_back(std::move(ready));
    }
    void stop() { is_stopped_ = true; }
    void run() {
        watch(awake_, [this] { run_queue(); });
        while (!is_stopped_) {
            if (::poll(polled_.data(), polled_.size(), -1) < 0 && errno != EINTR) checked(-1, "poll");
            for (size_t index = 0; index < polled_.size(); index++) {
                if (polled_[index].revents != 0) ready_[index]();
            }
        }
    }

  private:
    /// What is posted meanwhile waits for the next turn of the loop, so that files are looked at in between.
    void run_queue() {
        std::deque<Work> works;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            works.swap(queue_);
            eventfd_t posted = 0;
            ::eventfd_read(awake_.get(), &posted);
        }
        for (const Work &work : works) work();
    }

    const File awake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"};
    std::mutex mutex_;
    std::deque<Work> queue_;
    std::vector<pollfd> polled_;
    std::vector<Work> ready_;
    bool is_stopped_ = false;
};

// ---- The work --------------------------------------------------------------------------------------------------------

/// The sum of cksum(1).
class Sum {
  public:
    void add(const unsigned char *bytes, size_t count) {
        for (size_t index = 0; index < count; index++) add(bytes[index]);
        length_ += count;
    }
    uint64_t length() const { return length_; }
    uint32_t end() {
        for (uint64_t length = length_; length != 0; length >>= 8) add(static_cast<unsigned char>(length & 255));
        return ~sum_;
    }

  private:
    static constexpr std::array<uint32_t, 256> table() {
        std::array<uint32_t, 256> table{};
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t sum = byte << 24;
            for (int bit = 0; bit < 8; bit++) sum = (sum << 1) ^ ((sum >> 31) != 0 ? 0x04c11db7u : 0u);
            table[byte] = sum;
        }
        return table;
    }
    void add(unsigned char byte) {
        static constexpr std::array<uint32_t, 256> TABLE = table();
        sum_ = (sum_ << 8) ^ TABLE[(sum_ >> 24) ^ byte];
    }
    uint32_t sum_ = 0;
    uint64_t length_ = 0;
};

/// One file on its way through the loop. Its deferral keeps the instance alive from slice to slice.
class Reading : public std::enable_shared_from_this<Reading> {
  public:
    Reading(Loop &loop, const backstay::Instance &instance, const std::string &folder, std::string name)
        : loop_(loop), instance_(instance), deferral_(instance.get_deferral("reading")), name_(std::move(name)),
          file_(::open((folder + "/" + name_).c_str(), O_RDONLY | O_CLOEXEC), name_) {
        struct stat status {};
        checked(::fstat(file_.get(), &status), name_);
        size_ = static_cast<uint64_t>(status.st_size);
        std::printf("started %s\n", name_.c_str());
    }

    void slice() {
        if (deferral_.canceled()) {
            std::printf("stopped %s\n", name_.c_str());
            return void(deferral_.complete());
        }
        std::array<unsigned char, 65536> bytes{};
        const ssize_t count = ::read(file_.get(), bytes.data(), bytes.size());
        if (count < 0) return void(deferral_.fail(std::system_error(errno, std::generic_category(), name_)));
        sum_.add(bytes.data(), static_cast<size_t>(count));
        if (count > 0) {
            // Only a whole percent is news.
            const auto percent = static_cast<uint32_t>(size_ == 0 ? 100 : sum_.length() * 100 / size_);
            if (percent != percent_) instance_.set_progress(percent_ = percent);
            return loop_.post([self = shared_from_this()] { self->slice(); });
        }
        std::printf("%u %llu %s\n", sum_.end(), static_cast<unsigned long long>(sum_.length()), name_.c_str());
        deferral_.complete();
    }

  private:
    Loop &loop_;
    const backstay::Instance instance_;
    backstay::Deferral deferral_;
    const std::string name_;
    const File file_;
    uint64_t size_ = 0;
    uint32_t percent_ = 0;
    Sum sum_;
};

// ---- The application -------------------------------------------------------------------------------------------------

/// The names of the files that were written or moved into a directory since it was asked last.
std::vector<std::string> news(const File &watch) {
    alignas(inotify_event) std::array<char, 4096> bytes{};
    std::vector<std::string> names;
    const ssize_t length = ::read(watch.get(), bytes.data(), bytes.size());
    for (ssize_t at = 0; at < length;) {
        const auto *event = reinterpret_cast<const inotify_event *>(bytes.data() + at);
        if (event->len != 0 && (event->mask & IN_ISDIR) == 0) names.emplace_back(event->name);
        at += static_cast<ssize_t>(sizeof *event + event->len);
    }
    return names;
}

bool run(const std::string &folder) {
    // Before there is any other thread, so that they all leave these signals to the loop.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    checked(sigprocmask(SIG_BLOCK, &signals, nullptr), "sigprocmask");
    const File asked_to_end(::signalfd(-1, &signals, SFD_CLOEXEC), "signalfd");
    const File watch(::inotify_init1(IN_CLOEXEC), "inotify");
    checked(::inotify_add_watch(watch.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO), folder);

    Loop loop;
    backstay::HostOptions settings;
    settings.executor = [&loop](backstay::Job job) {
        loop.post([job = std::make_shared<backstay::Job>(std::move(job))] { job->run(); });
    };
    const backstay::Host host(settings);
    const auto read = [&loop, &folder](const backstay::Instance &instance) {
        std::make_shared<Reading>(loop, instance, folder, instance.details().as_text().value())->slice();
    };
    const backstay::Task checksum = host.register_task(backstay::TaskOptions().with_name("checksum").with_run(read));

    bool all_well = true;
    checksum.on_progress([&loop](const backstay::Instance &instance, uint32_t percent) {
        loop.post([name = instance.details().as_text().value(), percent] { std::printf("%s: %u %%\n", name.c_str(), percent); });
    });
    checksum.on_completed([&loop, &all_well](const backstay::Completion &done) {
        if (done.outcome != backstay::Outcome::Failed) return;
        loop.post([&all_well, error = done.error] {
            std::printf("failed: %s\n", error.c_str());
            all_well = false;
        });
    });
    // What a handler has captured ends with the host, after all that other handlers had to say: so the loop learns of it.
    std::shared_ptr<void> at_the_end(nullptr, [&loop](void *) { loop.post([&loop] { loop.stop(); }); });
    host.on_event([at_the_end = std::move(at_the_end)](const backstay::Event &) {});

    loop.watch(watch, [&] {
        for (const std::string &name : news(watch)) {
            // After the shutdown has begun nothing new is taken.
            if (!checksum.try_fire(name)) std::printf("refused %s\n", name.c_str());
        }
    });
    loop.watch(asked_to_end, [&] {
        signalfd_siginfo signal{};
        (void)!::read(asked_to_end.get(), &signal, sizeof signal);
        host.begin_shutdown(5s);
    });
    std::printf("watching %s\n", folder.c_str());
    loop.run();
    const backstay::DrainReport report = host.wait(5s);
    std::printf("%s\n", report.text.c_str());
    return all_well && report.failed == 0 && report.abandoned == 0;
}

} // namespace

int main(int argc, char **argv) try {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc != 2) return std::fprintf(stderr, "usage: checksums DIRECTORY\n"), 2;
    return run(argv[1]) ? 0 : 1;
} catch (const std::exception &error) {
    return std::fprintf(stderr, "checksums: %s\n", error.what()), 2;
}
