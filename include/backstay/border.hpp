// What stands between C and C++: how functions of C are called, who owns a handle, what is thrown where. Part of
// backstay.hpp; nothing in here is for programs.
#ifndef BACKSTAY_BORDER_HPP
#define BACKSTAY_BORDER_HPP

#include "words.hpp"

#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <tuple>
#include <typeinfo>
#include <vector>

#if defined(__GNUC__) && defined(__GXX_RTTI)
#include <cxxabi.h>
#endif

BACKSTAY_BEGIN

namespace detail {

inline backstay_str view(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline backstay_str view(const char *text) noexcept { return view(std::string_view(text == nullptr ? "" : text)); }
inline std::string_view view(backstay_str text) noexcept { return {text.ptr, text.len}; }
inline std::string copy(backstay_str text) { return text.len == 0 ? std::string() : std::string(text.ptr, text.len); }
template <class T, class Raw> std::optional<T> maybe(bool there, Raw raw) {
    return there ? std::optional<T>(static_cast<T>(raw)) : std::nullopt;
}
template <class T> void destroy(void *object) noexcept { delete static_cast<T *>(object); }
/// An option of time as C takes it, where zero is the default.
inline int64_t optional_ns(const std::optional<Duration> &time) noexcept {
    return !time ? 0 : *time == Duration::zero() ? BACKSTAY_NO_TIME : time->count();
}
/// A struct of C that knows its size.
template <class Raw> Raw sized() noexcept {
    Raw raw{};
    raw.struct_size = sizeof raw;
    return raw;
}

/// The name of an exception's type, as reports show it. Where memory has run out it is the compiler's own.
class TypeName {
  public:
    explicit TypeName(const std::exception &error) noexcept {
#if defined(__GNUC__) && defined(__GXX_RTTI)
        int status = 0;
        readable_.reset(abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status));
        name_ = readable_ ? readable_.get() : typeid(error).name();
#else
        (void)error;
#endif
    }
    const char *text() const noexcept { return name_; }

  private:
    std::unique_ptr<char, void (*)(void *)> readable_{nullptr, std::free};
    const char *name_ = "std::exception";
};

/// Hands the text of an error to a function of C. Bytes that are no UTF-8 must not swallow the error: then everything
/// but ASCII is shown as "?".
template <class Tell> backstay_status tell_error(backstay_str text, Tell &&tell) noexcept {
    const backstay_status status = tell(text);
    if (status != BACKSTAY_INVALID_ARGUMENT) return status;
    char plain[500];
    size_t length = 0;
    for (; length < text.len && length < sizeof plain; length++) {
        plain[length] = static_cast<unsigned char>(text.ptr[length]) < 128 ? text.ptr[length] : '?';
    }
    return tell(backstay_str{plain, length});
}

/// Runs code that may want memory; nothing leaves it but a result.
template <class T, class Code> Result<T> attempt(Code &&code) noexcept {
#if BACKSTAY_HAS_EXCEPTIONS
    try {
        return code();
    } catch (const std::bad_alloc &) {
        return Status::OutOfMemory;
    } catch (const Error &error) {
        return error.status();
    } catch (...) {
        return Status::Internal;
    }
#else
    return code();
#endif
}

/// Runs code of the user. What it throws goes to `failed` as text and type and becomes the status; nothing leaves this.
template <class Code, class Failed> backstay_status shield(Code &&code, Failed &&failed) noexcept {
#if BACKSTAY_HAS_EXCEPTIONS
    try {
        return code();
    } catch (const Canceled &canceled) {
        failed(canceled.what(), "backstay::Canceled");
        return BACKSTAY_CANCELED;
    } catch (const std::exception &error) {
        failed(error.what(), TypeName(error).text());
    } catch (...) {
        failed("an exception that is no std::exception", "unknown");
    }
    return BACKSTAY_FAILED;
#else
    return (void)failed, code();
#endif
}
/// The same for a handler, whose failure the host's log tells.
template <class Code> void shield_handler(Code &&code) noexcept {
    shield([&] { return code(), BACKSTAY_OK; },
           [](const char *text, const char *) {
               tell_error(view(text), [](backstay_str told) { return backstay_handler_failed(told); });
           });
}

/// How the functions of C are called: by their address, since with backstay_table.h their names are macros.
struct Calls {
  protected:
    template <class... P> using Out = std::remove_pointer_t<std::tuple_element_t<sizeof...(P) - 1, std::tuple<P...>>>;
    template <class T> using Is = std::common_type_t<T>;

    /// A function without a result.
    template <class... P, class... A> static Result<void> done(backstay_status (*call)(P...), A... args) noexcept {
        return static_cast<Status>(call(args...));
    }
    /// A function with one out-parameter, the last.
    template <class T, class... P, class... A>
    static Result<T> ask(backstay_status (*call)(P...), A... args) noexcept {
        Out<P...> raw{};
        const auto status = static_cast<Status>(call(args..., &raw));
        if (status != Status::Ok) return status;
        return static_cast<T>(raw);
    }
    /// The same, when that is a handle, which is owned from now on.
    template <class T, class... P, class... A>
    static Result<T> own(backstay_status (*call)(P...), A... args) noexcept {
        Out<P...> raw{};
        const auto status = static_cast<Status>(call(args..., &raw));
        if (status != Status::Ok) return status;
        return T::adopt(raw);
    }
    /// The same, when that is a struct which knows its size, of which a T is made.
    template <class T, class... P, class... A>
    static Result<T> make(backstay_status (*call)(P...), A... args) noexcept {
        return attempt<T>([&]() -> Result<T> {
            auto raw = sized<Out<P...>>();
            const auto status = static_cast<Status>(call(args..., &raw));
            if (status != Status::Ok) return status;
            return T(raw);
        });
    }
    template <class... P, class... A>
    static Result<std::string> ask_view(backstay_status (*call)(P...), A... args) noexcept {
        return attempt<std::string>([&]() -> Result<std::string> {
            backstay_str raw{};
            const auto status = static_cast<Status>(call(args..., &raw));
            if (status != Status::Ok) return status;
            return copy(raw);
        });
    }
    /// A function that tells whether and why something was asked to stop.
    template <class... P, class... A>
    static Result<std::optional<CancelReason>> ask_canceled(backstay_status (*call)(P...), A... args) noexcept {
        bool canceled = false;
        backstay_cancel_reason reason = 0;
        const auto status = static_cast<Status>(call(args..., &canceled, &reason));
        if (status != Status::Ok) return status;
        return maybe<CancelReason>(canceled, reason);
    }
    /// A function that tells a time, of which there may be no end.
    template <class... P, class... A>
    static Result<std::optional<Duration>> ask_time(backstay_status (*call)(P...), A... args) noexcept {
        int64_t ns = 0;
        const auto status = static_cast<Status>(call(args..., &ns));
        if (status != Status::Ok) return status;
        return maybe<Duration>(ns != BACKSTAY_FOREVER, ns);
    }
    /// A function that writes text as snprintf does.
    template <class... P, class... A>
    static Result<std::string> read_text(backstay_status (*call)(P...), A... args) noexcept {
        return attempt<std::string>([&]() -> Result<std::string> {
            std::string text(240, '\0');
            for (size_t length = 0;;) {
                const auto status = static_cast<Status>(call(args..., text.data(), text.size() + 1, &length));
                if (status != Status::Ok) return status;
                const bool fits = length <= text.size();
                text.resize(fits ? length : length + length / 8); // it may have grown when it is asked again
                if (fits) return text;
            }
        });
    }
    /// A function that writes an array, each element of which becomes a T.
    template <class T, class Raw, class... P, class... A>
    static Result<std::vector<T>> read_list(backstay_status (*call)(P...), A... args) noexcept {
        return attempt<std::vector<T>>([&]() -> Result<std::vector<T>> {
            std::vector<Raw> raw(8, sized<Raw>());
            for (size_t count = 0;;) {
                const auto status = static_cast<Status>(call(args..., raw.data(), raw.size(), &count));
                if (status != Status::Ok) return status;
                const bool fits = count <= raw.size();
                raw.resize(fits ? count : count + count / 8, sized<Raw>());
                if (fits) return std::vector<T>(raw.begin(), raw.end());
            }
        });
    }
    /// A function that attaches a callback; T is the subscription.
    template <class T, class Handle, class Tell, class F>
    static Result<T>
    attach(backstay_status (*call)(Handle, Tell, void *, backstay_destroy_fn, backstay_subscription *), Handle handle,
           Is<Tell> tell, F &handler) noexcept {
        return attempt<T>([&] {
            return own<T>(call, handle, tell, static_cast<void *>(new F(std::move(handler))), destroy<F>);
        });
    }
};

// The functions by the type of the handle; called by their full names, since programs have functions of these names, too.
inline void release(backstay_host handle) noexcept { backstay_host_release(handle); }
inline void release(backstay_task handle) noexcept { backstay_task_release(handle); }
inline void release(backstay_instance handle) noexcept { backstay_instance_release(handle); }
inline void release(backstay_deferral handle) noexcept { backstay_deferral_release(handle); }
inline void release(backstay_subscription handle) noexcept { backstay_subscription_release(handle); }
inline void release(backstay_job handle) noexcept { backstay_job_release(handle); }
inline auto dup(backstay_host handle, backstay_host *out) noexcept { return backstay_host_dup(handle, out); }
inline auto dup(backstay_task handle, backstay_task *out) noexcept { return backstay_task_dup(handle, out); }
inline auto dup(backstay_instance handle, backstay_instance *out) noexcept { return backstay_instance_dup(handle, out); }

/// Owns one handle: the one place where handles are released.
template <class Self, class Handle> class Owned : public Calls {
  public:
    Owned(Owned &&other) noexcept : handle_(other.detach()) {}
    Owned &operator=(Owned &&other) noexcept {
        // When both are the same object, none is released.
        detail::release(std::exchange(handle_, other.detach()));
        return *this;
    }
    /// Takes over a handle that was the caller's.
    static Self adopt(Handle handle) noexcept { return Self(handle); }
    /// The handle; it stays this object's.
    Handle handle() const noexcept { return handle_; }
    /// Gives the handle away: it is the caller's to release.
    [[nodiscard]] Handle detach() noexcept { return std::exchange(handle_, Handle{}); }
    /// Whether there is a handle.
    explicit operator bool() const noexcept { return handle_.id != 0; }

  protected:
    explicit Owned(Handle handle) noexcept : handle_(handle) {}
    ~Owned() { detail::release(handle_); }
    Handle handle_;
};

/// Owns one handle of those that can be copied.
template <class Self, class Handle> class Shared : public Owned<Self, Handle> {
  public:
    Shared(Shared &&) noexcept = default;
    Shared &operator=(Shared &&) noexcept = default;
    Shared(const Shared &other) : Owned<Self, Handle>(other ? from_handle(other.handle_).detach() : Handle{}) {}
    Shared &operator=(const Shared &other) {
        return *this = Shared(other);
    }
    /// A handle of its own to what somebody else's handle names.
    static Self from_handle(Handle handle) { return try_from_handle(handle).value(); }
    static Result<Self> try_from_handle(Handle handle) noexcept {
        Handle out{};
        const auto status = static_cast<Status>(detail::dup(handle, &out));
        if (status != Status::Ok) return status;
        return Self::adopt(out);
    }

  protected:
    using Owned<Self, Handle>::Owned;
};

/// An object around a handle that was lent, and stays the lender's.
template <class T> struct Lent {
    template <class Handle> explicit Lent(Handle handle) noexcept : object(T::adopt(handle)) {}
    ~Lent() { (void)object.detach(); }
    Lent(const Lent &) = delete;
    Lent &operator=(const Lent &) = delete;
    T object;
};

// What C calls; defined where the classes are known.
backstay_status call_run(backstay_instance instance, void *entry_point) noexcept;
void call_executor(backstay_job job, void *executor) noexcept;
void call_log(backstay_str line, void *log) noexcept;
template <class F> void call_event(const backstay_event *event, void *handler) noexcept;
template <class F> void call_completed(const backstay_completion *completion, void *handler) noexcept;
template <class F> void call_progress(backstay_instance instance, uint32_t progress, void *handler) noexcept;
template <class F> void call_canceled(backstay_instance instance, backstay_cancel_reason reason, void *handler) noexcept;

} // namespace detail

BACKSTAY_END

#endif // BACKSTAY_BORDER_HPP
