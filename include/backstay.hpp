/*
 * backstay for C++17: a thin, header-only layer over backstay.h, with the same names as in every other language.
 *
 *   #include <backstay.hpp>
 *   #include <thread>
 *   using namespace std::chrono_literals;
 *
 *   int main() {
 *       backstay::Host host;
 *       backstay::TaskOptions options;                         // C++20: {.name = "copy", .deadline = 30s, .run = ...}
 *       options.with_name("copy").with_deadline(30s).with_run([](backstay::Instance instance) {
 *           auto deferral = instance.get_deferral("upload");   // move-only; holds the instance
 *           std::thread([deferral = std::move(deferral)]() mutable {                    // any thread of yours
 *               deferral.complete();                           // the instance may finish now
 *           }).detach();
 *       });
 *       auto copy = host.register_task(options);
 *       auto instance = copy.fire("photo.jpg");
 *       instance.on_canceled([](backstay::CancelReason) {});
 *       instance.wait(10s).check();                            // throws when the work failed or was abandoned
 *       host.shutdown(5s);
 *   }
 *
 * What it is    Each function of backstay.h has a method of its name; rules, threads and errors are said there.
 * Ownership     An object owns one handle and releases it when destroyed, which never waits. Host, Task and Instance
 *               are copied (dup); Deferral, Subscription and Job are only moved. Host() opens a host; an Instance(), a
 *               Task() and a moved-from object have no handle and are answered with InvalidHandle. `handle()` lends the
 *               handle, `detach()` gives it away. `from_handle` takes over a deferral that another language gave away,
 *               and a dup of what it lends; `adopt` takes over a handle that a function of C gave you.
 * Threads       Everything may be called from any thread at any time; one object is not to be assigned, moved from or
 *               destroyed while another thread uses that very object. Copies are independent. An entry point may run on
 *               several threads at once, and so may a log: mind what they capture.
 * Errors        A method throws backstay::Error with its status. Its twin of the name try_... never throws and gives a
 *               Result; it is all there is where exceptions are switched off.
 * Callbacks     Any callable. What an entry point throws makes the instance Failed with what(); what a handler throws
 *               is told by the host's log. Nothing is thrown into the library.
 *
 * Include backstay_table.h before this header to use the library that a Python process has loaded. X11's macros
 * `Status` and `None` may come before it; a file that writes these words behind them undefines them.
 */
#ifndef BACKSTAY_HPP
#define BACKSTAY_HPP

#pragma push_macro("Status")
#pragma push_macro("None")
#undef Status
#undef None

#include "backstay/values.hpp"

#include <atomic>
#include <functional>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif
#if defined(__cpp_lib_coroutine)
#include <coroutine>
#endif

BACKSTAY_BEGIN

class Host;
class Task;
class Instance;

/// Something that happened to an instance; good for the call that tells it.
struct Event {
    Event(const backstay_event &raw, const Instance &lent);
    /// What it names is lent for the call, so it cannot be kept.
    Event(const Event &) = delete;
    Event &operator=(const Event &) = delete;
    EventKind kind;
    const Instance &instance;
    Uuid instance_id;
    std::string_view task, group, label;
    std::vector<std::string_view> conditions;
    std::optional<CancelReason> reason;
    std::optional<Outcome> outcome;
    std::optional<uint32_t> progress;
};

// ---- Subscriptions, deferrals, jobs ---------------------------------------------------------------------------------

/// One attached callback. Destroying it leaves the callback attached; only `cancel` detaches it (E4).
class Subscription : public detail::Owned<Subscription, backstay_subscription> {
    friend Owned;
    using Owned::Owned;

  public:
    void cancel() const { try_cancel().value(); }
    Result<void> try_cancel() const noexcept { return done(backstay_subscription_cancel, handle_); }
    void cancel_within(Duration timeout) const { try_cancel_within(timeout).value(); }
    Result<void> try_cancel_within(Duration timeout) const noexcept {
        return done(backstay_subscription_cancel_within, handle_, timeout.count());
    }
};

/// A hold on an instance. Destroying it without `complete` counts as completed and is told as dropped (L5).
class [[nodiscard]] Deferral : public detail::Owned<Deferral, backstay_deferral> {
    friend Owned;
    using Owned::Owned;

  public:
    /// Takes over a hold that code of another language gave away; reports name C++ as its holder. One that has lost its
    /// instance meanwhile is taken, too, and answers `complete` as ever (L4).
    static Deferral from_handle(backstay_deferral handle) { return try_from_handle(handle).value(); }
    static Result<Deferral> try_from_handle(backstay_deferral handle) noexcept {
        const auto told = done(backstay_deferral_set_language, handle, number(Language::Cpp)).status();
        const bool is_one = told == Status::Ok || told == Status::AlreadyCompleted || told == Status::NotRunning;
        return is_one ? Result<Deferral>(Deferral(handle)) : told;
    }
    /// Gives the hold away; until another language takes it over, reports name C as its holder.
    [[nodiscard]] backstay_deferral detach() noexcept {
        backstay_deferral_set_language(handle_, number(Language::C));
        return Owned::detach();
    }
    /// Lets the instance go. Ok, AlreadyCompleted, or NotRunning after an abandonment; nobody must look (L4). It ends the
    /// handle: afterwards `complete` and `fail` answer as ever, and all else with StaleHandle.
    Status complete() noexcept { return done(backstay_deferral_complete, handle_).status(); }
    /// The same, and the work has failed (L6).
    Status fail(std::string_view error) noexcept {
        return static_cast<Status>(detail::tell_error(
            detail::view(error), [this](backstay_str text) { return backstay_deferral_fail(handle_, text); }));
    }
    Status fail(const std::exception &error) noexcept {
        const detail::TypeName type(error);
        return static_cast<Status>(detail::tell_error(detail::view(error.what()), [&](backstay_str text) {
            return backstay_deferral_fail_typed(handle_, text, detail::view(type.text()));
        }));
    }
    Instance instance() const;
    Result<Instance> try_instance() const noexcept;
    /// Why the instance was asked to stop; notes that this holder has looked (C9).
    std::optional<CancelReason> canceled() const { return try_canceled().value(); }
    Result<std::optional<CancelReason>> try_canceled() const noexcept {
        return ask_canceled(backstay_deferral_is_canceled, handle_);
    }
    /// Waits for that; none when the instance finished without it. The sleep of a holder.
    std::optional<CancelReason> wait_canceled(Duration timeout = forever) const {
        return try_wait_canceled(timeout).value();
    }
    Result<std::optional<CancelReason>> try_wait_canceled(Duration timeout = forever) const noexcept {
        return ask_canceled(backstay_deferral_wait_canceled, handle_, timeout.count());
    }
    void set_note(std::string_view note) const { try_set_note(note).value(); }
    Result<void> try_set_note(std::string_view note) const noexcept {
        return done(backstay_deferral_set_note, handle_, detail::view(note));
    }
    void set_overdue_after(Duration age) const { try_set_overdue_after(age).value(); }
    Result<void> try_set_overdue_after(Duration age) const noexcept {
        return done(backstay_deferral_set_overdue_after, handle_, age.count());
    }
    void set_stack(std::string_view stack) const { try_set_stack(stack).value(); }
    Result<void> try_set_stack(std::string_view stack) const noexcept {
        return done(backstay_deferral_set_stack, handle_, detail::view(stack));
    }
    std::string stack() const { return try_stack().value(); }
    Result<std::string> try_stack() const noexcept { return read_text(backstay_deferral_stack, handle_); }
    Holder holder() const { return try_holder().value(); }
    Result<Holder> try_holder() const noexcept { return make<Holder>(backstay_deferral_holder, handle_); }
};

/// One piece of work that a host gives to its executor: run it once, later, on a thread of yours. Destroying it unrun
/// cancels the instance that waits longest (H7).
class Job : public detail::Owned<Job, backstay_job> {
    friend Owned;
    using Owned::Owned;

  public:
    void run() { try_run().value(); }
    Result<void> try_run() noexcept { return done(backstay_job_run, handle_); }
    void operator()() { run(); }
};

// ---- Instances ------------------------------------------------------------------------------------------------------

class Cancellation;

/// One execution of a task.
class Instance : public detail::Shared<Instance, backstay_instance> {
    friend Owned;
    using Shared::Shared;

  public:
    /// None; every call is answered with InvalidHandle.
    Instance() noexcept : Shared(backstay_instance{}) {}
    /// Whether both are the same execution; none is like none.
    friend bool operator==(const Instance &one, const Instance &other) {
        return one && other ? one.id() == other.id() : !one && !other;
    }
    friend bool operator!=(const Instance &one, const Instance &other) { return !(one == other); }

    Uuid id() const { return try_id().value(); }
    Result<Uuid> try_id() const noexcept {
        Uuid id{};
        const auto known = done(backstay_instance_id, handle_, id.data());
        return known ? Result<Uuid>(id) : known.status();
    }
    Task task() const;
    Result<Task> try_task() const noexcept;
    /// The host, which the caller keeps open as long as it keeps the answer (H2).
    Host host() const;
    Result<Host> try_host() const noexcept;
    Details details() const { return try_details().value(); }
    Result<Details> try_details() const noexcept { return make<Details>(backstay_instance_details, handle_); }
    State state() const { return try_state().value(); }
    Result<State> try_state() const noexcept { return ask<State>(backstay_instance_get_state, handle_); }
    uint32_t progress() const { return try_progress().value(); }
    Result<uint32_t> try_progress() const noexcept { return ask<uint32_t>(backstay_instance_get_progress, handle_); }
    void set_progress(uint32_t progress) const { try_set_progress(progress).value(); }
    Result<void> try_set_progress(uint32_t progress) const noexcept {
        return done(backstay_instance_set_progress, handle_, progress);
    }
    /// The text of the error that the entry point is about to return with, for one that does not throw it.
    void set_error(std::string_view error) const { try_set_error(error).value(); }
    Result<void> try_set_error(std::string_view error) const noexcept {
        return done(backstay_instance_set_error, handle_, detail::view(error));
    }
    Deferral get_deferral(std::string_view label = {}, Site site = Site::here()) const {
        return try_get_deferral(label, site).value();
    }
    Result<Deferral> try_get_deferral(std::string_view label = {}, Site site = Site::here()) const noexcept {
        return own<Deferral>(backstay_instance_get_deferral_at, handle_, detail::view(label), detail::view(site.file),
                             site.line, number(Language::Cpp));
    }
    std::vector<Holder> holders() const { return try_holders().value(); }
    Result<std::vector<Holder>> try_holders() const noexcept {
        return read_list<Holder, backstay_holder>(backstay_instance_holders, handle_);
    }
    void cancel(CancelReason reason = CancelReason::Abort) const { try_cancel(reason).value(); }
    Result<void> try_cancel(CancelReason reason = CancelReason::Abort) const noexcept {
        return done(backstay_instance_cancel, handle_, number(reason));
    }
    /// Why it was asked to stop, if it was.
    std::optional<CancelReason> canceled() const { return try_canceled().value(); }
    Result<std::optional<CancelReason>> try_canceled() const noexcept {
        return ask_canceled(backstay_instance_is_canceled, handle_);
    }
    Cancellation cancellation() const;
    /// `handler(CancelReason)` or `handler(const Instance &, CancelReason)`.
    template <class F> Subscription on_canceled(F handler) const { return try_on_canceled(std::move(handler)).value(); }
    template <class F> Result<Subscription> try_on_canceled(F handler) const noexcept {
        return attach<Subscription>(backstay_instance_on_canceled, handle_, detail::call_canceled<F>, handler);
    }
    /// `handler(const Completion &)` or `handler()`; not attached to a finished instance.
    template <class F> Subscription on_completed(F handler) const { return try_on_completed(std::move(handler)).value(); }
    template <class F> Result<Subscription> try_on_completed(F handler) const noexcept {
        return attach<Subscription>(backstay_instance_on_completed, handle_, detail::call_completed<F>, handler);
    }
    void suspend(Cause cause = Cause::None) const { try_suspend(cause).value(); }
    Result<void> try_suspend(Cause cause = Cause::None) const noexcept {
        return done(backstay_instance_suspend, handle_, number(cause));
    }
    void resume() const { try_resume().value(); }
    Result<void> try_resume() const noexcept { return done(backstay_instance_resume, handle_); }
    bool is_suspended() const { return try_is_suspended().value(); }
    Result<bool> try_is_suspended() const noexcept { return ask<bool>(backstay_instance_is_suspended, handle_); }
    uint32_t suspended_count() const { return try_suspended_count().value(); }
    Result<uint32_t> try_suspended_count() const noexcept {
        return ask<uint32_t>(backstay_instance_suspended_count, handle_);
    }
    uint32_t throttle_count(Counter which = Counter::All) const { return try_throttle_count(which).value(); }
    Result<uint32_t> try_throttle_count(Counter which = Counter::All) const noexcept {
        return ask<uint32_t>(backstay_instance_throttle_count, handle_, number(which));
    }
    /// Waits while it is suspended; whether it was asked to stop (S1).
    bool checkpoint(Duration timeout = forever) const { return try_checkpoint(timeout).value(); }
    Result<bool> try_checkpoint(Duration timeout = forever) const noexcept {
        return ask<bool>(backstay_instance_checkpoint_within, handle_, timeout.count());
    }
    /// None when there is no end to its time.
    std::optional<Duration> deadline() const { return try_deadline().value(); }
    Result<std::optional<Duration>> try_deadline() const noexcept {
        return ask_time(backstay_instance_deadline, handle_);
    }
    std::optional<Duration> remaining() const { return try_remaining().value(); }
    Result<std::optional<Duration>> try_remaining() const noexcept {
        return ask_time(backstay_instance_remaining, handle_);
    }
    Completion wait(Duration timeout = forever) const { return try_wait(timeout).value(); }
    Result<Completion> try_wait(Duration timeout = forever) const noexcept {
        return make<Completion>(backstay_instance_wait, handle_, timeout.count());
    }
#if defined(__cpp_lib_jthread)
    /// Stopped when the instance is asked to stop; its callbacks run on the host's events thread.
    std::stop_token stop_token() const {
        std::stop_source source;
        (void)on_canceled([source](CancelReason) mutable { source.request_stop(); });
        // A finished instance takes no handler.
        if (canceled()) source.request_stop();
        return source.get_token();
    }
#endif
#if defined(__cpp_lib_coroutine)
    class Finished;
    /// `co_await instance.finished()` gives the Completion; the coroutine goes on on the host's events thread, or at once
    /// when the instance has finished. A coroutine that is destroyed while it waits is not resumed; whoever destroys it sees
    /// to it that this does not happen just then.
    Finished finished() const;
#endif
};

/// Whether and why an instance was asked to stop, for those who need not know more of it.
class Cancellation : detail::Calls {
  public:
    explicit Cancellation(Instance instance) noexcept : instance_(std::move(instance)) {}
    bool is_canceled() const { return reason().has_value(); }
    std::optional<CancelReason> reason() const { return instance_.canceled(); }
    /// Waits for the cancellation; none when the instance finished without one.
    std::optional<CancelReason> wait(Duration timeout = forever) const { return try_wait(timeout).value(); }
    Result<std::optional<CancelReason>> try_wait(Duration timeout = forever) const noexcept {
        return ask_canceled(backstay_instance_wait_canceled, instance_.handle(), timeout.count());
    }

  private:
    Instance instance_;
};
inline Cancellation Instance::cancellation() const { return Cancellation(*this); }
inline Instance Deferral::instance() const { return try_instance().value(); }
inline Result<Instance> Deferral::try_instance() const noexcept {
    return own<Instance>(backstay_deferral_instance, handle_);
}

#if defined(__cpp_lib_coroutine)
class Instance::Finished {
  public:
    explicit Finished(Instance instance) noexcept : instance_(std::move(instance)) {}
    Finished(const Finished &) = delete;
    Finished &operator=(const Finished &) = delete;
    ~Finished() {
        if (is_decided_) is_decided_->store(true);
    }
    bool await_ready() const { return instance_.state() == State::Finished; }
    bool await_suspend(std::coroutine_handle<> coroutine) {
        // The handler may resume the coroutine, which ends this object, before on_completed has returned.
        const Instance instance = instance_;
        const auto is_decided = is_decided_ = std::make_shared<std::atomic<bool>>(false);
        (void)instance.on_completed([is_decided, coroutine] {
            if (!is_decided->exchange(true)) coroutine.resume();
        });
        // One that has finished meanwhile takes no handler, and then nothing is suspended.
        return instance.state() != State::Finished || is_decided->exchange(true);
    }
    Completion await_resume() const { return instance_.wait(Duration::zero()); }

  private:
    Instance instance_;
    std::shared_ptr<std::atomic<bool>> is_decided_;
};
inline Instance::Finished Instance::finished() const { return Finished(*this); }
#endif

// ---- Tasks ----------------------------------------------------------------------------------------------------------

/// A registered task.
class Task : public detail::Shared<Task, backstay_task> {
    friend Owned;
    using Shared::Shared;

  public:
    /// None; every call is answered with InvalidHandle.
    Task() noexcept : Shared(backstay_task{}) {}
    /// Whether both name the same registration; none is like none.
    friend bool operator==(const Task &one, const Task &other) {
        return one && other ? ask<bool>(backstay_task_is_same, one.handle_, other.handle_).value() : !one && !other;
    }
    friend bool operator!=(const Task &one, const Task &other) { return !(one == other); }

    std::string name() const { return try_name().value(); }
    Result<std::string> try_name() const noexcept { return ask_view(backstay_task_name, handle_); }
    std::string group() const { return try_group().value(); }
    Result<std::string> try_group() const noexcept { return ask_view(backstay_task_group, handle_); }
    Instance fire(const Details &details = {}) const { return try_fire(details).value(); }
    Result<Instance> try_fire(const Details &details = {}) const noexcept {
        return detail::attempt<Instance>([&] {
            const backstay_details raw = details.raw();
            return own<Instance>(backstay_task_fire, handle_, &raw);
        });
    }
    std::pair<Instance, FireAnswer> fire_with_answer(const Details &details = {}) const {
        return try_fire_with_answer(details).value();
    }
    Result<std::pair<Instance, FireAnswer>> try_fire_with_answer(const Details &details = {}) const noexcept;
    bool is_registered() const { return try_is_registered().value(); }
    Result<bool> try_is_registered() const noexcept { return ask<bool>(backstay_task_is_registered, handle_); }
    size_t running() const { return try_running().value(); }
    Result<size_t> try_running() const noexcept {
        size_t count = 0;
        const auto counted = done(backstay_task_counts, handle_, &count, nullptr);
        return counted ? Result<size_t>(count) : counted.status();
    }
    size_t pending() const { return try_pending().value(); }
    Result<size_t> try_pending() const noexcept { return ask<size_t>(backstay_task_counts, handle_, nullptr); }
    /// In words, why it does not run now.
    std::string explain() const { return try_explain().value(); }
    Result<std::string> try_explain() const noexcept { return read_text(backstay_task_explain, handle_); }
    void enable() const { try_enable().value(); }
    Result<void> try_enable() const noexcept { return done(backstay_task_enable, handle_); }
    bool is_disabled() const { return try_is_disabled().value(); }
    Result<bool> try_is_disabled() const noexcept { return ask<bool>(backstay_task_is_disabled, handle_); }
    void suspend(Cause cause = Cause::None) const { try_suspend(cause).value(); }
    Result<void> try_suspend(Cause cause = Cause::None) const noexcept {
        return done(backstay_task_suspend, handle_, number(cause));
    }
    void resume() const { try_resume().value(); }
    Result<void> try_resume() const noexcept { return done(backstay_task_resume, handle_); }
    bool is_suspended() const { return try_is_suspended().value(); }
    Result<bool> try_is_suspended() const noexcept { return ask<bool>(backstay_task_is_suspended, handle_); }
    void unregister(bool cancel) const { try_unregister(cancel).value(); }
    Result<void> try_unregister(bool cancel) const noexcept { return done(backstay_task_unregister, handle_, cancel); }
    /// `handler(const Instance &, uint32_t progress)`.
    template <class F> Subscription on_progress(F handler) const { return try_on_progress(std::move(handler)).value(); }
    template <class F> Result<Subscription> try_on_progress(F handler) const noexcept {
        return attach<Subscription>(backstay_task_on_progress, handle_, detail::call_progress<F>, handler);
    }
    /// `handler(const Completion &)` or `handler()`.
    template <class F> Subscription on_completed(F handler) const { return try_on_completed(std::move(handler)).value(); }
    template <class F> Result<Subscription> try_on_completed(F handler) const noexcept {
        return attach<Subscription>(backstay_task_on_completed, handle_, detail::call_completed<F>, handler);
    }
};
inline Task Instance::task() const { return try_task().value(); }
inline Result<Task> Instance::try_task() const noexcept { return own<Task>(backstay_instance_task, handle_); }
inline Result<std::pair<Instance, FireAnswer>> Task::try_fire_with_answer(const Details &details) const noexcept {
    using Answer = std::pair<Instance, FireAnswer>;
    return detail::attempt<Answer>([&]() -> Result<Answer> {
        std::array<backstay_str, 64> unmet{};
        auto raw = detail::sized<backstay_fire_answer>();
        raw.conditions = unmet.data();
        raw.condition_capacity = unmet.size();
        backstay_instance fired{};
        const backstay_details passed = details.raw();
        const auto status = done(backstay_task_fire_with_answer, handle_, &passed, &fired, &raw).status();
        if (status != Status::Ok) return status;
        Answer answer(Instance::adopt(fired), {static_cast<Firing>(raw.became), static_cast<WaitingFor>(raw.waiting_for), {}});
        // It has fired: where there is no memory for the names, they are left out.
        (void)detail::attempt<void>([&]() -> Result<void> {
            for (size_t index = 0; index < raw.condition_count && index < unmet.size(); index++) {
                answer.second.conditions.push_back(detail::copy(unmet[index]));
            }
            return Status::Ok;
        });
        return answer;
    });
}

/// What fires a task (F5, F6).
struct Trigger {
    backstay_trigger_kind kind = BACKSTAY_TRIGGER_MANUAL;
    Duration period{};
    std::string event_name{};
    static Trigger manual() { return {}; }
    static Trigger after(Duration delay) { return {BACKSTAY_TRIGGER_AFTER, delay, {}}; }
    static Trigger every(Duration period) { return {BACKSTAY_TRIGGER_EVERY, period, {}}; }
    static Trigger event(std::string name) { return {BACKSTAY_TRIGGER_EVENT, {}, std::move(name)}; }
};

/// An entry point: any callable that takes an Instance and gives nothing, or a Status. Copies share the callable.
class EntryPoint {
  public:
    EntryPoint() = default;
    template <class F, class = std::enable_if_t<std::is_invocable_v<F &, const Instance &>>> EntryPoint(F code) {
        using Gives = std::invoke_result_t<F &, const Instance &>;
        static_assert(std::is_void_v<Gives> || std::is_same_v<Gives, Status>, "an entry point gives nothing, or a Status");
        if (!is_null(code)) code_ = std::make_shared<Code<F>>(std::move(code));
    }
    explicit operator bool() const noexcept { return code_ != nullptr; }
    Status operator()(const Instance &instance) const { return code_ ? code_->run(instance) : Status::InvalidArgument; }

  private:
    template <class F> static bool is_null(const F &) noexcept { return false; }
    template <class T> static bool is_null(T *const &code) noexcept { return code == nullptr; }
    template <class T> static bool is_null(const std::function<T> &code) noexcept { return code == nullptr; }
    struct Erased {
        virtual ~Erased() = default;
        virtual Status run(const Instance &instance) = 0;
    };
    template <class F> struct Code final : Erased {
        explicit Code(F given) : code(std::move(given)) {}
        Status run(const Instance &instance) override {
            if constexpr (std::is_same_v<std::invoke_result_t<F &, const Instance &>, Status>) {
                return std::invoke(code, instance);
            } else {
                return std::invoke(code, instance), Status::Ok;
            }
        }
        F code;
    };
    std::shared_ptr<Erased> code_;
};

/// Describes a task: with C++20 by its fields, `{.name = "copy", .run = ...}`, else by its methods, too.
struct TaskOptions {
    std::string name{}, group{};
    Trigger trigger{};
    std::vector<std::string> conditions{};
    bool cancel_on_condition_loss = false;
    /// By default there is no deadline, and the grace is the host's.
    std::optional<Duration> deadline{}, grace{};
    WhenBusy when_busy = WhenBusy::Default;
    /// Zero is the default.
    uint32_t max_running = 0, max_pending = 0, max_failures = 0;
    IfExists if_exists = IfExists::Fail;
    OnShutdown on_shutdown = OnShutdown::Cancel;
    EntryPoint run{};

    TaskOptions &with_name(std::string value) { return name = std::move(value), *this; }
    TaskOptions &with_group(std::string value) { return group = std::move(value), *this; }
    TaskOptions &with_trigger(Trigger value) { return trigger = std::move(value), *this; }
    TaskOptions &with_condition(std::string value) { return conditions.push_back(std::move(value)), *this; }
    TaskOptions &with_cancel_on_condition_loss(bool value) { return cancel_on_condition_loss = value, *this; }
    TaskOptions &with_deadline(Duration value) { return deadline = value, *this; }
    TaskOptions &with_grace(Duration value) { return grace = value, *this; }
    TaskOptions &with_when_busy(WhenBusy value) { return when_busy = value, *this; }
    TaskOptions &with_max_running(uint32_t value) { return max_running = value, *this; }
    TaskOptions &with_max_pending(uint32_t value) { return max_pending = value, *this; }
    TaskOptions &with_max_failures(uint32_t value) { return max_failures = value, *this; }
    TaskOptions &with_if_exists(IfExists value) { return if_exists = value, *this; }
    TaskOptions &with_on_shutdown(OnShutdown value) { return on_shutdown = value, *this; }
    TaskOptions &with_run(EntryPoint value) { return run = std::move(value), *this; }

    /// What register_task would find wrong, all of it at once (G2).
    Result<void> validate() const noexcept;
};

namespace detail {
/// The options as C takes them. The entry point is not in it yet.
struct RawOptions : backstay_task_options {
    std::vector<backstay_str> names;
    RawOptions(const TaskOptions &options, Site site) : backstay_task_options(sized<backstay_task_options>()) {
        trigger = options.trigger.kind;
        name = view(options.name);
        group = view(options.group);
        event = view(options.trigger.event_name);
        period_ns = options.trigger.period.count();
        deadline_ns = optional_ns(options.deadline);
        grace_ns = optional_ns(options.grace);
        for (const std::string &condition : options.conditions) names.push_back(view(condition));
        conditions = names.data();
        condition_count = names.size();
        cancel_on_condition_loss = options.cancel_on_condition_loss;
        when_busy = number(options.when_busy);
        max_running = options.max_running;
        max_pending = options.max_pending;
        max_failures = options.max_failures;
        if_exists = number(options.if_exists);
        on_shutdown = number(options.on_shutdown);
        language = BACKSTAY_LANGUAGE_CPP;
        line = site.line;
        file = site.file;
        run = options.run ? &call_run : nullptr;
    }
};
/// A status, with what a backstay_error says of it.
inline Result<void> explained(backstay_status status, const backstay_error &error) {
    return {static_cast<Status>(status), status == BACKSTAY_OK ? "" : error.text};
}
} // namespace detail
inline Result<void> TaskOptions::validate() const noexcept {
    return detail::attempt<void>([&] {
        auto error = detail::sized<backstay_error>();
        const detail::RawOptions raw(*this, Site{nullptr, 0});
        return detail::explained(backstay_task_validate(&raw, &error), error);
    });
}

// ---- Hosts ----------------------------------------------------------------------------------------------------------

/// The settings of a host. Its functions are copied: what can only be moved is captured by a shared pointer.
struct HostOptions {
    /// Zero is the default.
    uint32_t workers = 0;
    /// By default 5 s, and never.
    std::optional<Duration> grace{}, overdue_after{};
    bool manual_clock = false, capture_stacks = false;
    /// Runs jobs instead of workers of the host; must not run them inside of the call (H7). One that throws drops its job.
    std::function<void(Job)> executor{};
    /// Told what nobody else would hear (E5), on any thread.
    std::function<void(std::string_view)> log{};
};

/// Owns tasks, workers, conditions and a clock. When the last copy is destroyed a shutdown begins, which nobody waits for.
class Host : public detail::Shared<Host, backstay_host> {
    friend Owned;
    using Shared::Shared;

  public:
    Host() : Host(HostOptions()) {}
    explicit Host(const HostOptions &options) : Host(open(options).value()) {}
    static Result<Host> open(const HostOptions &options = {}) noexcept;
    /// Registers a task; the error tells everything that is wrong at once (G2).
    Task register_task(const TaskOptions &options, Site site = Site::here()) const {
        return try_register_task(options, site).value();
    }
    Result<Task> try_register_task(const TaskOptions &options, Site site = Site::here()) const noexcept {
        return detail::attempt<Task>([&]() -> Result<Task> {
            backstay_task task{};
            auto error = detail::sized<backstay_error>();
            detail::RawOptions raw(options, site);
            raw.user_data = new EntryPoint(options.run);
            raw.destroy = detail::destroy<EntryPoint>;
            const auto done = detail::explained(backstay_task_register(handle_, &raw, &task, &error), error);
            return done ? Result<Task>(Task::adopt(task)) : Result<Task>(done.status(), done.text());
        });
    }
    HostState state() const { return try_state().value(); }
    Result<HostState> try_state() const noexcept { return ask<HostState>(backstay_host_get_state, handle_); }
    Duration grace() const { return try_grace().value(); }
    Result<Duration> try_grace() const noexcept { return ask<Duration>(backstay_host_grace, handle_); }
    void set_condition(std::string_view name, bool on) const { try_set_condition(name, on).value(); }
    Result<void> try_set_condition(std::string_view name, bool on) const noexcept {
        return done(backstay_host_set_condition, handle_, detail::view(name), on);
    }
    bool condition(std::string_view name) const { return try_condition(name).value(); }
    Result<bool> try_condition(std::string_view name) const noexcept {
        return ask<bool>(backstay_host_condition, handle_, detail::view(name));
    }
    /// How many tasks it fired.
    size_t raise_event(std::string_view name, const Details &details = {}) const {
        return try_raise_event(name, details).value();
    }
    Result<size_t> try_raise_event(std::string_view name, const Details &details = {}) const noexcept {
        return detail::attempt<size_t>([&] {
            const backstay_details raw = details.raw();
            return ask<size_t>(backstay_host_raise_event, handle_, detail::view(name), &raw);
        });
    }
    void suspend(Cause cause = Cause::None) const { try_suspend(cause).value(); }
    Result<void> try_suspend(Cause cause = Cause::None) const noexcept {
        return done(backstay_host_suspend, handle_, number(cause));
    }
    void resume() const { try_resume().value(); }
    Result<void> try_resume() const noexcept { return done(backstay_host_resume, handle_); }
    bool is_suspended() const { return try_is_suspended().value(); }
    Result<bool> try_is_suspended() const noexcept { return ask<bool>(backstay_host_is_suspended, handle_); }
    Task task(std::string_view name) const { return try_task(name).value(); }
    Result<Task> try_task(std::string_view name) const noexcept {
        return own<Task>(backstay_host_task, handle_, detail::view(name));
    }
    std::vector<Task> tasks() const { return try_tasks().value(); }
    Result<std::vector<Task>> try_tasks() const noexcept;
    Task group_task(std::string_view group, std::string_view name) const { return try_group_task(group, name).value(); }
    Result<Task> try_group_task(std::string_view group, std::string_view name) const noexcept {
        return own<Task>(backstay_host_group_task, handle_, detail::view(group), detail::view(name));
    }
    std::vector<Task> group_tasks(std::string_view group) const { return try_group_tasks(group).value(); }
    Result<std::vector<Task>> try_group_tasks(std::string_view group) const noexcept;
    std::vector<std::string> groups() const { return try_groups().value(); }
    Result<std::vector<std::string>> try_groups() const noexcept;
    /// Every pending deferral of every instance, in the order of firing (H4).
    std::vector<Holder> holders() const { return try_holders().value(); }
    Result<std::vector<Holder>> try_holders() const noexcept {
        return read_list<Holder, backstay_holder>(backstay_host_holders, handle_);
    }
    std::vector<Straggler> stragglers() const { return try_stragglers().value(); }
    Result<std::vector<Straggler>> try_stragglers() const noexcept {
        return read_list<Straggler, backstay_straggler>(backstay_host_stragglers, handle_);
    }
    std::string snapshot_json() const { return try_snapshot_json().value(); }
    Result<std::string> try_snapshot_json() const noexcept { return read_text(backstay_host_snapshot_json, handle_); }
    /// `handler(const Event &)`.
    template <class F> Subscription on_event(F handler) const { return try_on_event(std::move(handler)).value(); }
    template <class F> Result<Subscription> try_on_event(F handler) const noexcept {
        return attach<Subscription>(backstay_host_on_event, handle_, detail::call_event<F>, handler);
    }
    void flush(Duration timeout = forever) const { try_flush(timeout).value(); }
    Result<void> try_flush(Duration timeout = forever) const noexcept {
        return done(backstay_host_flush, handle_, timeout.count());
    }
    void advance(Duration by) const { try_advance(by).value(); }
    Result<void> try_advance(Duration by) const noexcept { return done(backstay_host_advance, handle_, by.count()); }
    DrainReport drain(Duration timeout) const { return try_drain(timeout).value(); }
    Result<DrainReport> try_drain(Duration timeout) const noexcept { return report(backstay_host_drain, timeout); }
    DrainReport shutdown(Duration grace) const { return try_shutdown(grace).value(); }
    Result<DrainReport> try_shutdown(Duration grace) const noexcept { return report(backstay_host_shutdown, grace); }
    void begin_drain(Duration timeout) const { try_begin_drain(timeout).value(); }
    Result<void> try_begin_drain(Duration timeout) const noexcept {
        return done(backstay_host_begin_drain, handle_, timeout.count());
    }
    void begin_shutdown(Duration grace) const { try_begin_shutdown(grace).value(); }
    Result<void> try_begin_shutdown(Duration grace) const noexcept {
        return done(backstay_host_begin_shutdown, handle_, grace.count());
    }
    /// Waits for the end of the host, whoever begins it.
    DrainReport wait(Duration timeout = forever) const { return try_wait(timeout).value(); }
    Result<DrainReport> try_wait(Duration timeout = forever) const noexcept { return report(backstay_host_wait, timeout); }

  private:
    using End = backstay_status (*)(backstay_host, int64_t, backstay_drain_report *);
    Result<DrainReport> report(End end, Duration timeout) const noexcept;
};
inline Host Instance::host() const { return try_host().value(); }
inline Result<Host> Instance::try_host() const noexcept { return own<Host>(backstay_instance_host, handle_); }

inline Result<Host> Host::open(const HostOptions &options) noexcept {
    return detail::attempt<Host>([&] {
        // Neither pointer is lost when there is no memory for the second.
        auto executor = std::make_unique<std::function<void(Job)>>(options.executor);
        auto log = std::make_unique<std::function<void(std::string_view)>>(options.log);
        auto raw = detail::sized<backstay_host_options>();
        raw.workers = options.workers;
        raw.grace_ns = detail::optional_ns(options.grace);
        raw.overdue_after_ns = detail::optional_ns(options.overdue_after);
        raw.manual_clock = options.manual_clock;
        raw.capture_stacks = options.capture_stacks;
        raw.executor = options.executor ? &detail::call_executor : nullptr;
        raw.executor_data = executor.release();
        raw.executor_destroy = detail::destroy<std::function<void(Job)>>;
        raw.log = options.log ? &detail::call_log : nullptr;
        raw.log_data = log.release();
        raw.log_destroy = detail::destroy<std::function<void(std::string_view)>>;
        return own<Host>(backstay_host_open, &raw);
    });
}
namespace detail {
/// A function of C that gives handles to tasks. It is asked anew when there are more than there was room for.
template <class... P, class... A>
Result<std::vector<Task>> read_tasks(backstay_status (*call)(P...), A... args) noexcept {
    return attempt<std::vector<Task>>([&]() -> Result<std::vector<Task>> {
        for (size_t capacity = 0, count = 0;; capacity = count) {
            std::vector<backstay_task> handles(capacity);
            std::vector<Task> tasks;
            tasks.reserve(capacity);
            const auto status = static_cast<Status>(call(args..., handles.data(), capacity, &count));
            if (status != Status::Ok) return status;
            for (size_t index = 0; index < capacity && index < count; index++) tasks.push_back(Task::adopt(handles[index]));
            if (count <= capacity) return tasks;
        }
    });
}
} // namespace detail
inline Result<std::vector<Task>> Host::try_tasks() const noexcept {
    return detail::read_tasks(backstay_host_tasks, handle_);
}
inline Result<std::vector<Task>> Host::try_group_tasks(std::string_view group) const noexcept {
    return detail::read_tasks(backstay_host_group_tasks, handle_, detail::view(group));
}
inline Result<std::vector<std::string>> Host::try_groups() const noexcept {
    using Names = std::vector<std::string>;
    return detail::attempt<Names>([&]() -> Result<Names> {
        std::vector<char> text;
        for (size_t length = 0;; text.resize(length)) {
            const auto status = done(backstay_host_groups, handle_, text.data(), text.size(), &length).status();
            if (status != Status::Ok) return status;
            if (length > text.size()) continue;
            Names names;
            for (size_t at = 0; at < length; at += names.back().size() + 1) names.emplace_back(&text[at]);
            return names;
        }
    });
}
inline Result<DrainReport> Host::report(End end, Duration timeout) const noexcept {
    return detail::attempt<DrainReport>([&]() -> Result<DrainReport> {
        std::vector<backstay_holder> holders(16, detail::sized<backstay_holder>());
        std::vector<char> text(2048);
        auto raw = detail::sized<backstay_drain_report>();
        for (bool is_again = false;; is_again = true) {
            raw.holders = holders.data();
            raw.holder_capacity = holders.size();
            raw.text = text.data();
            raw.text_capacity = text.size();
            // The same report once more when it did not fit, unless somebody has begun to end the host anew.
            const auto status = is_again ? done(backstay_host_wait, handle_, int64_t{0}, &raw).status()
                                         : done(end, handle_, timeout.count(), &raw).status();
            if (is_again && status == Status::TimedOut) break;
            if (status != Status::Ok) return status;
            if (raw.holder_count <= holders.size() && raw.text_length < text.size()) break;
            holders.resize(raw.holder_count + 1, detail::sized<backstay_holder>());
            text.resize(raw.text_length + 1);
        }
        return DrainReport(raw);
    });
}

inline Event::Event(const backstay_event &raw, const Instance &lent)
    : kind(static_cast<EventKind>(raw.kind)), instance(lent), instance_id(detail::uuid(raw.instance_id)),
      task(detail::view(raw.task)), group(detail::view(raw.group)), label(detail::view(raw.label)),
      reason(detail::maybe<CancelReason>(raw.canceled, raw.reason)),
      outcome(detail::maybe<Outcome>(kind == EventKind::Completed, raw.outcome)),
      progress(detail::maybe<uint32_t>(kind == EventKind::Progress || kind == EventKind::Completed, raw.progress)) {
    for (size_t index = 0; index < raw.condition_count; index++) conditions.push_back(detail::view(raw.conditions[index]));
}

// ---- What C calls ---------------------------------------------------------------------------------------------------

namespace detail {

inline backstay_status call_run(backstay_instance handle, void *entry_point) noexcept {
    const Lent<Instance> lent(handle);
    const auto run = [&] { return number((*static_cast<EntryPoint *>(entry_point))(lent.object)); };
    return shield(run, [&](const char *text, const char *type) {
        tell_error(view(text), [&](backstay_str told) { return backstay_instance_set_error_typed(handle, told, view(type)); });
    });
}
inline void call_executor(backstay_job handle, void *executor) noexcept {
    // An executor that throws drops its job, which the host's log tells; it is no handler, though it may be called in one.
    shield([&] { return (*static_cast<std::function<void(Job)> *>(executor))(Job::adopt(handle)), BACKSTAY_OK; },
           [](const char *, const char *) {});
}
inline void call_log(backstay_str line, void *log) noexcept {
    // There is nobody left to tell what a log throws.
    shield([&] { return (*static_cast<std::function<void(std::string_view)> *>(log))(view(line)), BACKSTAY_OK; },
           [](const char *, const char *) {});
}
template <class F> void call_event(const backstay_event *raw, void *handler) noexcept {
    shield_handler([&] {
        const Lent<Instance> lent(raw->instance);
        const Event event(*raw, lent.object);
        (*static_cast<F *>(handler))(event);
    });
}
template <class F> void call_completed(const backstay_completion *raw, void *handler) noexcept {
    shield_handler([&] {
        // One that does not want it is called also where there is no memory to make it.
        if constexpr (std::is_invocable_v<F &, const Completion &>) {
            (*static_cast<F *>(handler))(Completion(*raw));
        } else {
            (*static_cast<F *>(handler))();
        }
    });
}
template <class F> void call_progress(backstay_instance handle, uint32_t progress, void *handler) noexcept {
    const Lent<Instance> lent(handle);
    shield_handler([&] { (*static_cast<F *>(handler))(lent.object, progress); });
}
template <class F>
void call_canceled(backstay_instance handle, backstay_cancel_reason reason, void *handler) noexcept {
    const Lent<Instance> lent(handle);
    shield_handler([&] {
        if constexpr (std::is_invocable_v<F &, const Instance &, CancelReason>) {
            (*static_cast<F *>(handler))(lent.object, static_cast<CancelReason>(reason));
        } else {
            (*static_cast<F *>(handler))(static_cast<CancelReason>(reason));
        }
    });
}

} // namespace detail

BACKSTAY_END

#pragma pop_macro("None")
#pragma pop_macro("Status")

#endif // BACKSTAY_HPP
