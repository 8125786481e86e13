// What backstay tells a C++ program, as plain values: ids, holders, completions, reports, details. Part of backstay.hpp.
#ifndef BACKSTAY_VALUES_HPP
#define BACKSTAY_VALUES_HPP

#include "border.hpp"

#include <algorithm>
#include <array>

BACKSTAY_BEGIN

using Uuid = std::array<uint8_t, 16>;

/// The usual text form of an id.
inline std::string to_string(const Uuid &id) {
    std::string text;
    for (size_t index = 0; index < id.size(); index++) {
        if (index == 4 || index == 6 || index == 8 || index == 10) text += '-';
        text += {"0123456789abcdef"[id[index] >> 4], "0123456789abcdef"[id[index] & 15]};
    }
    return text;
}
namespace detail {
inline Uuid uuid(const uint8_t (&bytes)[16]) noexcept {
    Uuid id;
    for (size_t index = 0; index < id.size(); index++) id[index] = bytes[index];
    return id;
}
} // namespace detail

/// A line of the caller's, for reports of who holds an instance.
struct Site {
    const char *file = nullptr;
    uint32_t line = 0;
    static constexpr Site here(const char *file = __builtin_FILE(), uint32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

/// Who holds an instance, since when and from which line (H4).
struct Holder {
    HolderKind kind = HolderKind::Deferral;
    Uuid instance_id{};
    std::string task, group, label, note, file;
    uint32_t line = 0;
    /// Of the code that has it now, and of the file in which it was taken.
    Language language = Language::Cpp, site_language = Language::Cpp;
    Duration age{};
    bool overdue = false;
    std::optional<CancelReason> canceled;
    std::optional<Duration> asked, noticed_after;

    explicit Holder(const backstay_holder &raw)
        : kind(static_cast<HolderKind>(raw.kind)), instance_id(detail::uuid(raw.instance_id)), task(raw.task),
          group(raw.group), label(raw.label), note(raw.note), file(raw.file), line(raw.line),
          language(static_cast<Language>(raw.language)),
          site_language(static_cast<Language>(raw.site_language)), age(raw.age_ns), overdue(raw.overdue),
          canceled(detail::maybe<CancelReason>(raw.canceled, raw.reason)),
          asked(detail::maybe<Duration>(raw.canceled, raw.asked_ns)),
          noticed_after(detail::maybe<Duration>(raw.noticed, raw.noticed_after_ns)) {}
};

/// A thread that code of yours still occupies although its instance was abandoned (C6).
struct Straggler {
    Uuid instance_id{};
    std::string task, group;
    bool in_handler = false;
    Duration given_up_for{};

    explicit Straggler(const backstay_straggler &raw)
        : instance_id(detail::uuid(raw.instance_id)), task(raw.task), group(raw.group), in_handler(raw.in_handler),
          given_up_for(raw.given_up_for_ns) {}
};

/// How an instance ended: final.
struct Completion {
    Uuid instance_id{};
    std::string task, group;
    Outcome outcome = Outcome::Succeeded;
    std::optional<CancelReason> canceled;
    /// The first error, empty without one, and the name of its type.
    std::string error, error_type;
    uint32_t progress = 0, suspended_count = 0;
    std::optional<Duration> noticed_after;
    Duration pending_for{}, ran_for{};
    /// Deferrals that were dropped instead of completed, and those that held it when it was abandoned.
    std::vector<Holder> dropped, holders;

    explicit Completion(const backstay_completion &raw)
        : instance_id(detail::uuid(raw.instance_id)), task(detail::copy(raw.task)), group(detail::copy(raw.group)),
          outcome(static_cast<Outcome>(raw.outcome)), canceled(detail::maybe<CancelReason>(raw.canceled, raw.reason)),
          error(detail::copy(raw.error)), error_type(detail::copy(raw.error_type)), progress(raw.progress),
          suspended_count(raw.suspended_count),
          noticed_after(detail::maybe<Duration>(raw.noticed, raw.noticed_after_ns)), pending_for(raw.pending_ns),
          ran_for(raw.ran_ns), dropped(raw.dropped, raw.dropped + raw.dropped_count),
          holders(raw.holders, raw.holders + raw.holder_count) {}

    /// Throws TaskFailed or TaskAbandoned; Succeeded and Canceled pass (L9).
    const Completion &check() const & {
        if (outcome == Outcome::Failed) detail::raise(TaskFailed(error));
        if (outcome == Outcome::Abandoned) detail::raise(TaskAbandoned("abandoned: " + task + " " + to_string(instance_id)));
        return *this;
    }
    Completion check() && { return check(), std::move(*this); }
};

/// What became of everything that was alive when a host began to end (H2).
struct DrainReport {
    HostState state = HostState::Open;
    uint64_t succeeded = 0, canceled = 0, failed = 0, abandoned = 0, remaining = 0, stragglers = 0;
    /// Who held what was abandoned and holds what remains.
    std::vector<Holder> holders;
    /// The report in words, for a log.
    std::string text;

    explicit DrainReport(const backstay_drain_report &raw)
        : state(static_cast<HostState>(raw.state)), succeeded(raw.succeeded), canceled(raw.canceled), failed(raw.failed),
          abandoned(raw.abandoned), remaining(raw.remaining), stragglers(raw.stragglers),
          holders(raw.holders, raw.holders + (std::min)(raw.holder_count, raw.holder_capacity)), text(raw.text) {}

    /// How many ended, whichever way.
    uint64_t finished() const noexcept { return succeeded + canceled + failed + abandoned; }
};

/// What a firing carries (F7): nothing, text, bytes that every language can read, or an object that only C++ can.
class Details {
  public:
    Details() = default;
    Details(std::string text) : media_type_("text/plain"), bytes_(std::move(text)), kind_(BACKSTAY_DETAILS_BYTES) {}
    Details(std::string_view text) : Details(std::string(text)) {}
    Details(const char *text) : Details(std::string(text)) {}
    Details(std::nullptr_t) = delete;
    static Details bytes(std::string media_type, std::string bytes) {
        Details details(std::move(bytes));
        details.media_type_ = std::move(media_type);
        return details;
    }
    /// Shares an object with those who ask for the same type.
    template <class T> static Details object(T object) {
        Details details;
        details.kind_ = BACKSTAY_DETAILS_OPAQUE;
        details.box_ = {std::make_shared<const T>(std::move(object)), &tag<T>};
        return details;
    }
    bool is_none() const noexcept { return kind_ == BACKSTAY_DETAILS_NONE; }
    bool is_opaque() const noexcept { return kind_ == BACKSTAY_DETAILS_OPAQUE; }
    // What is asked of an object that ends with the line, as in `instance.details().as_text()`, is given away.
    const std::string &media_type() const & noexcept { return media_type_; }
    std::string media_type() && noexcept { return std::move(media_type_); }
    /// The bytes; empty unless there are some.
    const std::string &as_bytes() const & noexcept { return bytes_; }
    std::string as_bytes() && noexcept { return std::move(bytes_); }
    std::optional<std::string_view> as_text() const & noexcept {
        return is_text() ? std::optional<std::string_view>(bytes_) : std::nullopt;
    }
    std::optional<std::string> as_text() && noexcept { return is_text() ? std::optional(std::move(bytes_)) : std::nullopt; }
    /// The object, or NULL when it is of another type or language.
    template <class T> std::shared_ptr<const T> as_object() const noexcept {
        return box_.type == &tag<T> ? std::static_pointer_cast<const T>(box_.object) : nullptr;
    }
    explicit Details(const backstay_details &raw)
        : media_type_(detail::copy(raw.media_type)),
          bytes_(raw.length == 0 ? std::string() : std::string(static_cast<const char *>(raw.bytes), raw.length)),
          kind_(raw.kind) {
        if (raw.object != nullptr && raw.object_type == &tag<Box>) box_ = *static_cast<const Box *>(raw.object);
    }
    /// For a call that takes details of C, once: an object is the call's from then on.
    [[nodiscard]] backstay_details raw() const {
        backstay_details raw{};
        raw.struct_size = sizeof raw;
        raw.kind = kind_;
        raw.media_type = detail::view(media_type_);
        raw.bytes = bytes_.data();
        raw.length = bytes_.size();
        if (box_.object) {
            raw.object = new Box(box_);
            raw.object_type = &tag<Box>;
            raw.destroy = detail::destroy<Box>;
        }
        return raw;
    }

  private:
    struct Box {
        std::shared_ptr<const void> object;
        const void *type = nullptr;
    };
    bool is_text() const noexcept { return media_type_ == "text/plain"; }
    /// Its address stands for the type. Not const, since linkers may fold constants of the same value into one.
    template <class T> static inline char tag = 0;
    std::string media_type_, bytes_;
    backstay_details_kind kind_ = BACKSTAY_DETAILS_NONE;
    Box box_;
};

/// What became of a firing (F1).
struct FireAnswer {
    Firing became = Firing::Started;
    WaitingFor waiting_for = WaitingFor::Nothing;
    /// The unmet conditions, with WaitingFor::Conditions; at most the first 64.
    std::vector<std::string> conditions{};
};

BACKSTAY_END

#endif // BACKSTAY_VALUES_HPP
