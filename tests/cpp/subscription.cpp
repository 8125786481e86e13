// Destroying a subscription leaves its handler attached; cancelling ends the handler and what it captured, once (E4).
#include "check.hpp"

using backstay::Instance, backstay::Subscription;

static void run_once(const backstay::Host &host, const backstay::Task &task) {
    task.fire().wait(SOON);
    host.flush(SOON);
}

static void only_cancel_detaches() {
    Count called, destroyed;
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    {
        const Subscription left =
            task.on_completed([&called, witness = Witness(destroyed)](const backstay::Completion &) { called.add(); });
    }
    const Subscription kept = task.on_completed([&called, witness = Witness(destroyed)] { called.add(); });
    run_once(host, task);
    CHECK(called.get() == 2 && destroyed.get() == 0);
    kept.cancel();
    CHECK(destroyed.get() == 1);
    kept.cancel();
    kept.cancel_within(SOON);
    run_once(host, task);
    CHECK(called.get() == 3 && destroyed.get() == 1);
    close(host);
    await([&] { return destroyed.get() == 2; });
}

static void a_handler_may_cancel_itself() {
    Count called, destroyed;
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    auto own = std::make_unique<Subscription>(Subscription::adopt({}));
    *own = task.on_completed([&called, &own, witness = Witness(destroyed)] {
        own->cancel();
        called.add();
        // What is captured lives until the call has ended.
        CHECK(witness.count != nullptr);
    });
    run_once(host, task);
    run_once(host, task);
    CHECK(called.get() == 1 && destroyed.get() == 1);
    own.reset();
    close(host);
}

static void cancel_waits_for_the_call_in_flight() {
    Gate entered, leave;
    Count left;
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    const Subscription subscription = task.on_completed([&] {
        entered.open();
        leave.wait();
        left.add();
    });
    (void)task.fire();
    entered.wait();
    CHECK_THROWS(TimedOut, subscription.cancel_within(0s));
    std::thread canceller([&] {
        subscription.cancel();
        CHECK(left.get() == 1);
    });
    leave.open();
    canceller.join();
    close(host);
}

static void a_handler_of_a_finished_instance_is_not_attached_and_ended() {
    Count called, destroyed;
    const backstay::Host host = manual_host();
    const Instance instance = add(host, "nothing", nothing).fire();
    instance.wait(SOON);
    const Subscription one = instance.on_completed([&called, witness = Witness(destroyed)] { called.add(); });
    const Subscription other =
        instance.on_canceled([&called, witness = Witness(destroyed)](backstay::CancelReason) { called.add(); });
    CHECK(destroyed.get() == 2);
    one.cancel();
    host.flush(SOON);
    CHECK(called.get() == 0);
    close(host);
}

static void a_refused_handler_is_ended() {
    Count destroyed;
    CHECK_THROWS(InvalidHandle, Instance().on_completed([witness = Witness(destroyed)] {}));
    CHECK(destroyed.get() == 1);
    CHECK(!backstay::Task().try_on_progress([witness = Witness(destroyed)](const Instance &, uint32_t) {}).ok());
    CHECK(destroyed.get() == 2);
}

TESTS(TEST(only_cancel_detaches), TEST(a_handler_may_cancel_itself), TEST(cancel_waits_for_the_call_in_flight),
      TEST(a_handler_of_a_finished_instance_is_not_attached_and_ended), TEST(a_refused_handler_is_ended))
