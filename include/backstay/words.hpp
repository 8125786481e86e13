// The words of backstay in C++: statuses, reasons, states and their names, errors and results. Part of backstay.hpp.
#ifndef BACKSTAY_WORDS_HPP
#define BACKSTAY_WORDS_HPP

#include "../backstay.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define BACKSTAY_HAS_EXCEPTIONS 1
#else
#define BACKSTAY_HAS_EXCEPTIONS 0
#endif

// Files that are compiled without exceptions, or over backstay_table.h, have other inline functions than the rest, and
// may meet the rest in one program: their functions need names of their own.
#if BACKSTAY_HAS_EXCEPTIONS && !defined(BACKSTAY_TABLE_H)
#define BACKSTAY_BEGIN namespace backstay {
#define BACKSTAY_END }
#else
#if BACKSTAY_HAS_EXCEPTIONS
#define BACKSTAY_BEGIN namespace backstay { inline namespace over_table {
#elif defined(BACKSTAY_TABLE_H)
#define BACKSTAY_BEGIN namespace backstay { inline namespace over_table_without_exceptions {
#else
#define BACKSTAY_BEGIN namespace backstay { inline namespace without_exceptions {
#endif
#define BACKSTAY_END } }
#endif

BACKSTAY_BEGIN

/// Every unit of chrono converts to it; units of more than 292 years do not fit, `forever` is for that.
using Duration = std::chrono::nanoseconds;
/// Waits as long as it takes.
inline constexpr Duration forever{BACKSTAY_FOREVER};

enum class Status : backstay_status {
    Ok = 0, InvalidArgument = -1, InvalidHandle = -2, StaleHandle = -3, WrongHandleType = -4, ForeignHandle = -5,
    NotRunning = -6, AlreadyCompleted = -7, NameTaken = -8, Unregistered = -9, NotFound = -10, CurrentlyRunning =
    -11, Disabled = -12, Closed = -13, TimedOut = -14, WouldDeadlock = -15, NotManualClock = -16, InvalidTask = -17,
    Canceled = -18, Failed = -19, Panic = -20, Forked = -21, OutOfMemory = -22, Internal = -23
};
enum class State : backstay_state { Pending, Running, Finished };
enum class Outcome : backstay_outcome { Succeeded, Canceled, Failed, Abandoned };
enum class HostState : backstay_host_state { Open, Draining, Closed };
enum class CancelReason : backstay_cancel_reason {
    Abort, Terminating, LoggingOff, ServicingUpdate, IdleTask, Uninstall, ConditionLoss, SystemPolicy,
    QuietHoursEntered, ExecutionTimeExceeded, ResourceRevocation, EnergySaver, FirstOwn = BACKSTAY_CANCEL_FIRST_OWN
};
enum class Cause : backstay_cause { None, Cpu, Network };
enum class Counter : backstay_counter { All, Cpu, Network };
enum class Language : backstay_language { Rust, C, Cpp, Python };
enum class EventKind : backstay_event_kind {
    Fired, Waits, Started, Progress, Suspended, Resumed, Canceled, Overdue, Completed
};
enum class WhenBusy : backstay_when_busy { Default, Parallel, Queue, Coalesce, Reject, Replace };
enum class IfExists : backstay_if_exists { Fail, Replace, Keep, ReplaceAndCancel };
enum class OnShutdown : backstay_on_shutdown { Cancel, Finish, Leave };
enum class Firing : backstay_firing { Started, Waiting, Merged };
enum class WaitingFor : backstay_waiting_for { Nothing, Conditions, Suspended, Busy, Worker };
enum class HolderKind : backstay_holder_kind { Deferral, EntryPoint };

/// The number that C uses for a word.
template <class Word> constexpr std::underlying_type_t<Word> number(Word word) noexcept {
    return static_cast<std::underlying_type_t<Word>>(word);
}
inline const char *name(Status status) noexcept { return backstay_status_name(number(status)); }
inline const char *name(State state) noexcept { return backstay_state_name(number(state)); }
inline const char *name(Outcome outcome) noexcept { return backstay_outcome_name(number(outcome)); }
inline const char *name(HostState state) noexcept { return backstay_host_state_name(number(state)); }
inline const char *name(CancelReason reason) noexcept { return backstay_cancel_reason_name(number(reason)); }
inline const char *name(Language language) noexcept { return backstay_language_name(number(language)); }
inline const char *name(EventKind kind) noexcept { return backstay_event_kind_name(number(kind)); }
/// A reason of your own, 64 or more.
constexpr CancelReason own_reason(backstay_cancel_reason reason) noexcept { return static_cast<CancelReason>(reason); }
/// The name of a reason, with its number when it is one of your own: "Own(64)".
inline std::string to_string(CancelReason reason) {
    const std::string text = name(reason);
    return number(reason) < BACKSTAY_CANCEL_FIRST_OWN ? text : text + "(" + std::to_string(number(reason)) + ")";
}
/// The word of this name, if there is one.
inline std::optional<CancelReason> reason_named(std::string_view text) noexcept {
    backstay_cancel_reason reason = 0;
    const bool is_one = backstay_cancel_reason_from_name({text.data(), text.size()}, &reason) == BACKSTAY_OK;
    return is_one ? std::optional(static_cast<CancelReason>(reason)) : std::nullopt;
}
inline std::optional<Status> status_named(std::string_view text) noexcept {
    backstay_status status = 0;
    const bool is_one = backstay_status_from_name({text.data(), text.size()}, &status) == BACKSTAY_OK;
    return is_one ? std::optional(static_cast<Status>(status)) : std::nullopt;
}
inline const char *message(Status status) noexcept { return backstay_status_message(number(status)); }

// ---- Errors and results ---------------------------------------------------------------------------------------------

/// What every method throws: the status, and a sentence that says what to do.
class Error : public std::runtime_error {
  public:
    explicit Error(Status status, const std::string &text = {})
        : std::runtime_error(text.empty() ? std::string(name(status)) + ": " + message(status) : text), status_(status) {}
    Status status() const noexcept { return status_; }

  private:
    Status status_;
};
/// Thrown by an entry point that leaves because it was asked to stop (C8); without a cancellation it is an error.
class Canceled : public Error {
  public:
    explicit Canceled(const std::string &text = {}) : Error(Status::Canceled, text) {}
};
/// Thrown by Completion::check (L9).
class TaskFailed : public Error {
  public:
    explicit TaskFailed(const std::string &text) : Error(Status::Failed, text) {}
};
/// Thrown by Completion::check (L9).
class TaskAbandoned : public Error {
  public:
    explicit TaskAbandoned(const std::string &text) : Error(Status::Failed, text) {}
};

namespace detail {
/// Throws; where there are no exceptions, a value that is not there ends the program.
template <class E> [[noreturn]] void raise(const E &error) {
#if BACKSTAY_HAS_EXCEPTIONS
    throw error;
#else
    std::fprintf(stderr, "backstay: %s\n", error.what());
    std::abort();
#endif
}
} // namespace detail

/// A value, or the status and text of an error. What the try_ methods give. As a condition it is whether there is a
/// value, also when that value is a bool.
template <class T> class [[nodiscard]] Result {
    struct Nothing {};
    using Value = std::conditional_t<std::is_void_v<T>, Nothing, T>;

  public:
    Result(Value value) : value_(std::move(value)) {}
    Result(Status status, std::string text = {}) : status_(status), text_(std::move(text)) {
        if constexpr (std::is_void_v<T>) {
            if (status == Status::Ok) value_.emplace();
        }
    }
    bool ok() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return ok(); }
    Status status() const noexcept { return status_; }
    /// What is to say beyond message(status()); often nothing.
    const std::string &text() const noexcept { return text_; }
    /// The value; throws Error when there is none.
    Value value() && { return must(), std::move(*value_); }
    Value &value() & { return must(), *value_; }
    const Value &value() const & { return must(), *value_; }
    Value *operator->() { return &value(); }
    const Value *operator->() const { return &value(); }
    Value &operator*() & { return value(); }
    const Value &operator*() const & { return value(); }
    Value operator*() && { return std::move(*this).value(); }

  private:
    void must() const {
        if (!ok()) detail::raise(Error(status_, text_));
    }
    std::optional<Value> value_;
    Status status_ = Status::Ok;
    std::string text_;
};

BACKSTAY_END

#endif // BACKSTAY_WORDS_HPP
