// Makes pictures smaller, on a thread that Python never sees. Pictures are PGM files: "P5 width height 255", and bytes.
#ifndef EMBED_CODEC_HPP
#define EMBED_CODEC_HPP

#include <backstay_table.h> // before backstay.hpp: the functions are those of the package
#include <backstay.hpp>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <pthread.h>
#include <thread>

class Codec {
  public:
    struct Work {
        backstay::Deferral deferral;
        std::string source, target;
        size_t factor;
    };

    explicit Codec(const backstay::Host &host) : state_(std::make_shared<State>(host)) {
        std::thread([state = state_] { run(*state); }).detach();
    }

    /// From any thread; returns at once. The deferral says when it is done.
    void put(Work work) {
        const std::lock_guard<std::mutex> lock(state_->mutex);
        state_->queue.push_back(std::move(work));
        state_->changed.notify_all();
    }

    /// There will be no more work; waits until what there is has ended, and tells whether it has. Nobody joins the
    /// thread: one that hangs in a read is no reason for the application to hang, too.
    bool close(backstay::Duration patience) {
        std::unique_lock<std::mutex> lock(state_->mutex);
        state_->is_closed = true;
        state_->changed.notify_all();
        return state_->changed.wait_for(lock, patience, [this] { return state_->has_ended; });
    }

  private:
    struct State {
        explicit State(backstay::Host given) : host(std::move(given)) {}
        const backstay::Host host;
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Work> queue;
        bool is_closed = false, has_ended = false;
    };

    static void run(State &state) {
        pthread_setname_np(pthread_self(), "codec");
        std::unique_lock<std::mutex> lock(state.mutex);
        for (;;) {
            state.changed.wait(lock, [&] { return state.is_closed || !state.queue.empty(); });
            if (state.queue.empty()) break;
            Work work = std::move(state.queue.front());
            state.queue.pop_front();
            lock.unlock();
            shrink(state.host, work);
            lock.lock();
        }
        state.has_ended = true;
        state.changed.notify_all();
    }

    static void shrink(const backstay::Host &host, Work &work) {
        backstay::Status answer{};
        try {
            const std::string small = shrunk(work);
            if (!work.deferral.canceled()) {
                std::ofstream file(work.target, std::ios::binary);
                if (!(file << small).flush()) throw std::runtime_error(work.target + ": cannot be written");
                return pass_on(host, std::move(work.deferral), work.target);
            }
            answer = work.deferral.complete();
        } catch (const std::exception &error) {
            answer = work.deferral.fail(error);
        }
        // Who waited for it has given it up meanwhile: no harm, and worth a line.
        if (answer == backstay::Status::NotRunning) std::printf("too late: %s\n", work.source.c_str());
    }

    /// A picture of which each pixel is the mean of so many times as many; unfinished when it is no longer wanted.
    static std::string shrunk(const Work &work) {
        std::ifstream file(work.source, std::ios::binary);
        std::string magic;
        size_t width = 0, height = 0, depth = 0;
        file >> magic >> width >> height >> depth;
        const size_t factor = work.factor, across = factor == 0 ? 0 : width / factor;
        if (file.get() == EOF || magic != "P5" || depth != 255 || across == 0 || height < factor) {
            throw std::runtime_error(work.source + ": no picture, or one that is too small");
        }
        std::string small = "P5 " + std::to_string(across) + ' ' + std::to_string(height / factor) + " 255\n";
        std::string row(width, 0);
        size_t percent = 0;
        for (size_t above = 0; above + factor <= height && !work.deferral.canceled(); above += factor) {
            std::vector<size_t> sums(across);
            for (size_t line = 0; line < factor; line++) {
                file.read(row.data(), static_cast<std::streamsize>(width));
                if (!file) throw std::runtime_error(work.source + ": ends too early");
                for (size_t x = 0; x < across * factor; x++) sums[x / factor] += static_cast<unsigned char>(row[x]);
            }
            for (const size_t sum : sums) small += static_cast<char>(sum / (factor * factor));
            // Only a whole percent is news.
            const size_t reached = above * 100 / height;
            if (reached != percent) work.deferral.set_note(std::to_string(percent = reached) + " % done");
        }
        return small;
    }

    /// A hold on its way to Python. Who takes it over ends the handle, and this does nothing: a handle that has ended
    /// is answered with AlreadyCompleted. When nobody does, as the task is gone, or was cancelled before it began, the
    /// hold ends here.
    struct OnItsWay {
        explicit OnItsWay(backstay::Deferral deferral) : handle(deferral.detach()) {}
        ~OnItsWay() { backstay_deferral_complete(handle); }
        OnItsWay(const OnItsWay &) = delete;
        OnItsWay &operator=(const OnItsWay &) = delete;
        const backstay_deferral handle;
    };

    /// Lets the plug-in note what was made, if it does such a thing, and gives it the hold.
    static void pass_on(const backstay::Host &host, backstay::Deferral deferral, const std::string &target) {
        const auto given = std::make_shared<OnItsWay>(std::move(deferral));
        const auto catalogue = host.try_task("catalogue");
        if (!catalogue) return;
        const auto fired = catalogue->try_fire(std::to_string(given->handle.id) + ' ' + target);
        // What a handler has captured goes when the instance has ended; at once when it has ended before.
        if (fired) (void)fired->try_on_completed([given] {});
    }

    const std::shared_ptr<State> state_;
};

#endif // EMBED_CODEC_HPP
