// A deferral holds its instance until it is completed once; its destructor completes it, which is told (L4, L5, L6).
#include "check.hpp"

using backstay::Completion, backstay::Deferral, backstay::Instance, backstay::Outcome, backstay::Status;

// An instance whose entry point has handed out a deferral, and has returned.
struct Held {
    backstay::Host host = manual_host(1);
    Gate taken;
    std::vector<Deferral> deferrals;
    backstay::Task task = add(host, "held", [this](const Instance &running) {
        deferrals.push_back(running.get_deferral("first"));
        taken.open();
    });
    Instance instance = task.fire();

    Held() {
        taken.wait();
        settle(host);
    }
    ~Held() { close(host); }
    Completion end() const { return instance.wait(SOON); }
};

static void the_destructor_drops_and_that_is_told() {
    Held held;
    CHECK(held.instance.holders().back().label == "first");
    CHECK(held.instance.try_wait(0s).status() == Status::TimedOut);
    held.deferrals.clear();
    const Completion done = held.end();
    CHECK(done.outcome == Outcome::Succeeded && done.dropped.size() == 1);
    CHECK(done.dropped[0].label == "first" && done.dropped[0].language == backstay::Language::Cpp);
}

static void it_completes_once() {
    Held held;
    Deferral &deferral = held.deferrals[0];
    CHECK(deferral.complete() == Status::Ok);
    CHECK(deferral.complete() == Status::AlreadyCompleted);
    CHECK(held.end().dropped.empty());
    CHECK(deferral.complete() == Status::AlreadyCompleted);
    CHECK(deferral.fail("late") == Status::AlreadyCompleted);
    CHECK_THROWS(StaleHandle, deferral.holder());
}

static void a_move_moves_the_hold() {
    Held held;
    Deferral moved = std::move(held.deferrals[0]);
    CHECK(held.deferrals[0].complete() == Status::InvalidHandle);
    CHECK(held.instance.state() == backstay::State::Running);
    // What is assigned over is dropped.
    moved = held.instance.get_deferral("second");
    CHECK(held.instance.holders().size() == 1 && held.instance.holders()[0].label == "second");
    moved.complete();
    const Completion done = held.end();
    CHECK(done.dropped.size() == 1 && done.dropped[0].label == "first");
}

static void it_fails_with_a_text() {
    Held held;
    CHECK(held.deferrals[0].fail("the disk is full") == Status::Ok);
    const Completion done = held.end();
    CHECK(done.outcome == Outcome::Failed && done.error == "the disk is full");
}

namespace shop {
struct Sold : std::exception {
    const char *what() const noexcept override { return "all was sold"; }
};
} // namespace shop

static void it_fails_with_an_exception() {
    Held held;
    CHECK(held.deferrals[0].fail(shop::Sold()) == Status::Ok);
    const Completion done = held.end();
    CHECK(done.error == "all was sold" && done.error_type == "shop::Sold");
}

// A file name of another encoding must not turn a failure into a success.
static void no_text_swallows_the_failure() {
    {
        Held held;
        CHECK(held.deferrals[0].fail("cannot open gr\xfc\xdf" "e.txt") == Status::Ok);
        CHECK(held.end().error == "cannot open gr??e.txt");
    }
    Held held;
    CHECK(held.deferrals[0].fail(std::runtime_error("\xff")) == Status::Ok);
    const Completion done = held.end();
    CHECK(done.error == "?" && done.error_type == "std::runtime_error");
}

static void after_an_abandonment_it_is_not_running_once() {
    Held held;
    held.instance.cancel();
    held.host.advance(5s);
    CHECK(held.end().outcome == Outcome::Abandoned);
    CHECK(held.deferrals[0].complete() == Status::NotRunning);
    CHECK(held.deferrals[0].complete() == Status::AlreadyCompleted);
}

static void it_knows_its_instance_and_says_what_it_does() {
    Held held;
    const Deferral &deferral = held.deferrals[0];
    CHECK(deferral.instance() == held.instance && !deferral.canceled());
    CHECK_THROWS(TimedOut, deferral.wait_canceled(0s));
    deferral.set_note("part 3 of 7");
    deferral.set_stack("here");
    deferral.set_overdue_after(2s);
    CHECK(deferral.stack() == "here" && !deferral.holder().overdue);
    held.host.advance(2s);
    CHECK(deferral.holder().overdue && deferral.holder().age == 2s && deferral.holder().note == "part 3 of 7");
    held.instance.cancel(backstay::CancelReason(70));
    held.host.advance(1s);
    CHECK(deferral.holder().canceled == backstay::CancelReason(70) && !deferral.holder().noticed_after);
    CHECK(deferral.canceled() == backstay::CancelReason(70) && deferral.holder().noticed_after == 1s);
    CHECK(deferral.holder().asked == 1s && deferral.wait_canceled() == backstay::CancelReason(70));
    held.deferrals.clear();
    CHECK(held.end().noticed_after == 1s);
}

static void it_is_handed_across_and_back() {
    Held held;
    const uint32_t line = held.deferrals[0].holder().line;
    const backstay_deferral raw = held.deferrals[0].detach();
    CHECK(!held.deferrals[0] && held.deferrals[0].complete() == Status::InvalidHandle);
    auto holder = held.instance.holders().at(0);
    CHECK(holder.language == backstay::Language::C && holder.site_language == backstay::Language::Cpp);
    CHECK(holder.line == line);
    {
        Deferral back = Deferral::from_handle(raw);
        holder = back.holder();
        CHECK(holder.language == backstay::Language::Cpp && holder.line == line);
        // What is no deferral is refused; one that has ended by another handle is taken, and says so.
        CHECK_THROWS(InvalidHandle, Deferral::from_handle({}));
        CHECK_THROWS(WrongHandleType, Deferral::from_handle({held.instance.handle().id}));
        backstay_deferral same{};
        CHECK(backstay_deferral_dup(raw, &same) == BACKSTAY_OK);
        CHECK(back.complete() == Status::Ok);
        CHECK(Deferral::from_handle(same).complete() == Status::AlreadyCompleted);
        CHECK_THROWS(StaleHandle, Deferral::from_handle(raw));
    }
    CHECK(held.end().dropped.empty());
}

TESTS(TEST(the_destructor_drops_and_that_is_told), TEST(it_completes_once), TEST(a_move_moves_the_hold),
      TEST(it_fails_with_a_text), TEST(it_fails_with_an_exception), TEST(no_text_swallows_the_failure),
      TEST(after_an_abandonment_it_is_not_running_once), TEST(it_knows_its_instance_and_says_what_it_does),
      TEST(it_is_handed_across_and_back))
