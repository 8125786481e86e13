// Every word of C++ is the number of C, has its name, and times of every unit are the same times.
#include "check.hpp"

using namespace backstay;

static void numbers_are_those_of_c() {
    static_assert(number(Status::Internal) == BACKSTAY_INTERNAL && number(Status::Ok) == BACKSTAY_OK);
    static_assert(number(CancelReason::EnergySaver) == BACKSTAY_CANCEL_ENERGY_SAVER);
    static_assert(number(CancelReason::FirstOwn) == BACKSTAY_CANCEL_FIRST_OWN);
    static_assert(number(EventKind::Completed) == BACKSTAY_EVENT_COMPLETED);
    static_assert(number(EventKind::Overdue) == BACKSTAY_EVENT_OVERDUE);
    static_assert(number(WhenBusy::Replace) == BACKSTAY_WHEN_BUSY_REPLACE);
    static_assert(number(IfExists::ReplaceAndCancel) == BACKSTAY_IF_EXISTS_REPLACE_AND_CANCEL);
    static_assert(number(OnShutdown::Leave) == BACKSTAY_ON_SHUTDOWN_LEAVE);
    static_assert(number(WaitingFor::Worker) == BACKSTAY_WAITING_FOR_WORKER);
    static_assert(number(Firing::Merged) == BACKSTAY_FIRING_MERGED);
    static_assert(number(Counter::Network) == BACKSTAY_COUNTER_NETWORK);
    static_assert(number(Cause::Network) == BACKSTAY_CAUSE_NETWORK);
    static_assert(number(HolderKind::EntryPoint) == BACKSTAY_HOLDER_ENTRY_POINT);
    static_assert(number(HostState::Closed) == BACKSTAY_HOST_CLOSED);
    static_assert(number(Language::Python) == BACKSTAY_LANGUAGE_PYTHON);
    static_assert(number(Outcome::Abandoned) == BACKSTAY_OUTCOME_ABANDONED);
    static_assert(number(State::Finished) == BACKSTAY_STATE_FINISHED);
}

// Every status has the name that C knows it by.
static void every_status_is_here() {
    const std::pair<Status, const char *> all[] = {
        {Status::Ok, "OK"}, {Status::InvalidArgument, "INVALID_ARGUMENT"}, {Status::InvalidHandle, "INVALID_HANDLE"},
        {Status::StaleHandle, "STALE_HANDLE"}, {Status::WrongHandleType, "WRONG_HANDLE_TYPE"},
        {Status::ForeignHandle, "FOREIGN_HANDLE"}, {Status::NotRunning, "NOT_RUNNING"},
        {Status::AlreadyCompleted, "ALREADY_COMPLETED"}, {Status::NameTaken, "NAME_TAKEN"},
        {Status::Unregistered, "UNREGISTERED"}, {Status::NotFound, "NOT_FOUND"},
        {Status::CurrentlyRunning, "CURRENTLY_RUNNING"}, {Status::Disabled, "DISABLED"}, {Status::Closed, "CLOSED"},
        {Status::TimedOut, "TIMED_OUT"}, {Status::WouldDeadlock, "WOULD_DEADLOCK"},
        {Status::NotManualClock, "NOT_MANUAL_CLOCK"}, {Status::InvalidTask, "INVALID_TASK"},
        {Status::Canceled, "CANCELED"}, {Status::Failed, "FAILED"}, {Status::Panic, "PANIC"},
        {Status::Forked, "FORKED"}, {Status::OutOfMemory, "OUT_OF_MEMORY"}, {Status::Internal, "INTERNAL"}};
    backstay_status expected = BACKSTAY_OK;
    for (const auto &[status, text] : all) {
        CHECK(number(status) == expected-- && name(status) == std::string_view(text));
    }
    CHECK(name(static_cast<Status>(expected)) == std::string_view("UNKNOWN"));
}

static void words_have_names() {
    CHECK(name(Status::NotRunning) == std::string_view("NOT_RUNNING"));
    CHECK(message(Status::Ok) == std::string_view("done"));
    CHECK(name(State::Running) == std::string_view("Running"));
    CHECK(name(Outcome::Abandoned) == std::string_view("Abandoned"));
    CHECK(name(HostState::Draining) == std::string_view("Draining"));
    CHECK(name(CancelReason::ExecutionTimeExceeded) == std::string_view("ExecutionTimeExceeded"));
    CHECK(name(own_reason(77)) == std::string_view("Own") && to_string(own_reason(77)) == "Own(77)");
    CHECK(to_string(CancelReason::IdleTask) == "IdleTask" && reason_named("Own(77)") == own_reason(77));
    CHECK(reason_named("IdleTask") == CancelReason::IdleTask && !reason_named("Nobody") && !status_named("NOBODY"));
    CHECK(status_named("NOT_FOUND") == Status::NotFound);
    CHECK(name(Language::Cpp) == std::string_view("C++"));
    CHECK(name(EventKind::Overdue) == std::string_view("Overdue"));
    CHECK(name(Status(5)) == std::string_view("UNKNOWN"));
    Uuid id{};
    for (uint8_t index = 0; index < 16; index++) id[index] = static_cast<uint8_t>(index * 17);
    CHECK(to_string(id) == "00112233-4455-6677-8899-aabbccddeeff");
}

static void an_error_says_what_it_is() {
    const Error plain(Status::Closed), told(Status::Closed, "closed on Sundays");
    CHECK(plain.status() == Status::Closed && std::string(plain.what()).find("CLOSED: ") == 0);
    CHECK(told.what() == std::string("closed on Sundays"));
    CHECK(Canceled().status() == Status::Canceled && TaskFailed("x").what() == std::string("x"));
}

static void results_are_a_value_or_an_error() {
    const Result<std::string> good = std::string("value"), bad(Status::NotFound, "nobody");
    CHECK(good.ok() && good && *good == "value" && good->size() == 5 && good.value() == "value");
    CHECK(!bad.ok() && !bad && bad.status() == Status::NotFound && bad.text() == "nobody");
    CHECK_THROWS(NotFound, bad.value());
    CHECK_THROWS(NotFound, bad->size());
    // The value of a result that ends with the line is moved out of it.
    std::unique_ptr<int> moved = *Result<std::unique_ptr<int>>(std::make_unique<int>(7));
    moved = Result<std::unique_ptr<int>>(std::move(moved)).value();
    CHECK(*moved == 7);
    CHECK(Result<void>(Status::Ok).ok() && !Result<void>(Status::Closed).ok());
    // A bool that is false is a value, too.
    CHECK(Result<bool>(false).ok() && !*Result<bool>(false));
}

static void every_unit_is_the_same_time() {
    const Host host = manual_host();
    const Task task = host.register_task(
        TaskOptions().with_name("timed").with_deadline(1min).with_trigger(Trigger::every(std::chrono::hours(1))).with_run(nothing));
    host.advance(std::chrono::milliseconds(3599999));
    CHECK(task.running() + task.pending() == 0);
    const Subscription counted = task.on_completed([](const Completion &done) { CHECK(done.pending_for == 0ns); });
    host.advance(1000us);
    host.advance(Duration(0));
    const Instance instance = task.fire();
    CHECK(instance.deadline() == 60s && instance.remaining() == 60000ms);
    const Instance endless = add(host, "endless", nothing).fire();
    CHECK(endless.deadline() == std::nullopt && endless.remaining() == std::nullopt);
    // Zero is no time, and nothing is the default.
    HostOptions options;
    options.grace = 0s;
    CHECK(Host(options).grace() == 0s && host.grace() == 5s);
    CHECK_THROWS(InvalidArgument, host.advance(-1ns));
    CHECK_THROWS(InvalidArgument, host.advance(forever));
    CHECK(instance.wait(forever).outcome == Outcome::Succeeded);
    host.flush(forever);
    close(host);
}

TESTS(TEST(numbers_are_those_of_c), TEST(every_status_is_here), TEST(words_have_names), TEST(an_error_says_what_it_is),
      TEST(results_are_a_value_or_an_error), TEST(every_unit_is_the_same_time))
