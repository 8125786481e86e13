// An EntryPoint takes any callable, shares it among its copies, and knows when it has none.
#include "check.hpp"

using backstay::EntryPoint, backstay::Instance, backstay::Status;

static Status closed(const Instance &) { return Status::Closed; }

struct Functor {
    Status operator()(const Instance &) const { return Status::NameTaken; }
};

static void any_callable_will_do() {
    const Instance none;
    CHECK(EntryPoint(nothing)(none) == Status::Ok);
    CHECK(EntryPoint(&closed)(none) == Status::Closed);
    CHECK(EntryPoint(Functor())(none) == Status::NameTaken);
    const Functor named;
    CHECK(EntryPoint(std::ref(named))(none) == Status::NameTaken);
    CHECK(EntryPoint(std::function<void(const Instance &)>(nothing))(none) == Status::Ok);
    CHECK(EntryPoint(std::function<Status(Instance)>(Functor()))(none) == Status::NameTaken);
    CHECK(EntryPoint([](auto &&...) { return Status::Disabled; })(none) == Status::Disabled);
    int calls = 0;
    CHECK(EntryPoint([&calls](const Instance &) mutable { calls++; })(none) == Status::Ok && calls == 1);
}

static void what_is_no_entry_point_is_no_argument() {
    static_assert(std::is_convertible_v<decltype(&closed), EntryPoint>);
    static_assert(!std::is_convertible_v<void (*)(), EntryPoint>);
    static_assert(!std::is_convertible_v<void (*)(Instance &), EntryPoint>);
    static_assert(!std::is_convertible_v<std::nullptr_t, EntryPoint>);
    static_assert(!std::is_convertible_v<const char *, EntryPoint>);
    static_assert(!std::is_convertible_v<int, EntryPoint>);
}

static void copies_share_the_callable() {
    Count destroyed;
    int calls = 0;
    {
        EntryPoint one([&calls, witness = Witness(destroyed)](const Instance &) { calls++; });
        // Neither a copy nor a copy of a variable that is not const wraps the entry point into another one.
        EntryPoint copy(one), assigned;
        assigned = copy;
        const EntryPoint last(std::move(copy));
        one(Instance());
        assigned(Instance());
        last(Instance());
        CHECK(calls == 3 && destroyed.get() == 0 && one && assigned && last);
        CHECK(!copy); // NOLINT: what a moved-from one says is the promise
        one = {};
    }
    CHECK(destroyed.get() == 1);
}

static void an_empty_one_is_told_when_it_is_registered() {
    CHECK(!EntryPoint());
    CHECK(EntryPoint()(Instance()) == Status::InvalidArgument);
    CHECK(!EntryPoint(static_cast<Status (*)(const Instance &)>(nullptr)));
    CHECK(!EntryPoint(std::function<void(const Instance &)>()));
    const backstay::Host host = manual_host();
    const auto refused = host.try_register_task(backstay::TaskOptions().with_name("empty").with_run(
        std::function<Status(const Instance &)>()));
    CHECK(refused.status() == Status::InvalidTask && refused.text().find("run") != std::string::npos);
    close(host);
}

TESTS(TEST(any_callable_will_do), TEST(what_is_no_entry_point_is_no_argument), TEST(copies_share_the_callable),
      TEST(an_empty_one_is_told_when_it_is_registered))
