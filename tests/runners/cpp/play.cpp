#include "play.hpp"

#include "parse.hpp"
#include "perform.hpp"

#include <atomic>
#include <thread>

namespace scenarios {
namespace {

/// How long a whole file may take. Each wait of the runner ends after five seconds; this is for a call that never comes
/// back.
constexpr std::chrono::seconds WATCHDOG{60};

/// What goes wrong in `code`, as a failed file tells it.
template <class Code> std::optional<std::string> trouble_of(Code code) {
    try {
        code();
        return std::nullopt;
    } catch (const backstay::Error &error) {
        return std::string("expected OK, saw ") + backstay::name(error.status()) + " (" + error.what() + ')';
    } catch (const std::exception &error) {
        return error.what();
    }
}

/// The handles of the file end with it; those that were lent to a call do when that returns, which nothing tells.
void check_handles(uint64_t before) {
    const bool are_gone = Changes().wait_for([before] { return backstay_live_handles() <= before; });
    if (are_gone) return;
    throw Wrong("expected no handle left, saw " + std::to_string(backstay_live_handles() - before) + " within 5s");
}

void play_lines(const std::vector<Line> &lines, std::shared_ptr<Stage> stage, std::atomic<std::size_t> &current) {
    // A file whose watchdog was faster may have left some.
    const uint64_t handles = backstay_live_handles();
    std::optional<std::string> trouble;
    {
        Player player(std::move(stage));
        trouble = trouble_of([&] {
            for (const Line &line : lines) {
                current = line.number;
                player.perform(line);
            }
        });
        // What went wrong first counts.
        const auto closed = trouble_of([&] { player.close(); });
        if (!trouble) trouble = closed;
    }
    if (!trouble) trouble = trouble_of([&] { check_handles(handles); });
    if (trouble) throw Failure(current, *trouble);
}

} // namespace

void play(std::string_view text) {
    auto stage = std::make_shared<Stage>();
    const std::weak_ptr watched(stage);
    const auto line = std::make_shared<std::atomic<std::size_t>>(0);
    std::packaged_task<void()> playing([lines = parse(text), stage = std::move(stage), line]() mutable {
        play_lines(lines, std::move(stage), *line);
    });
    std::future<void> played = playing.get_future();
    std::thread thread(std::move(playing));
    if (played.wait_for(WATCHDOG) == std::future_status::ready) {
        thread.join();
        return played.get();
    }
    thread.detach();
    if (const auto hung = watched.lock()) hung->gates.release();
    throw Failure(*line, "expected the step to end, saw it still busy after 60s");
}

} // namespace scenarios
