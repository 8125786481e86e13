// The carriers of C++.
#include "office.h"

#include <backstay.hpp>

#include <string>
#include <thread>
#include <vector>

using backstay::Deferral, backstay::Instance, backstay::Status;

static std::vector<std::thread> threads;

static void take(const parcel &received) {
    // The dup was made for us.
    const Instance instance = Instance::adopt({received.handle});
    auto taken = instance.try_get_deferral(std::to_string(received.number));
    const auto status = taken ? Status::Ok : taken.status();
    office_taken(received.number, backstay::number(status), taken ? std::move(taken).value().detach() : backstay_deferral{});
}

/// Reports say that C++ has it, and who took it; of an instance that was abandoned meanwhile, who had it then.
static void look(const parcel &received, const Deferral &deferral) {
    const auto seen = deferral.holder();
    const bool is_ours = seen.language == backstay::Language::Cpp;
    if (seen.label != std::to_string(received.number) || backstay::number(seen.site_language) != received.taker ||
        (!is_ours && deferral.instance().state() != backstay::State::Finished)) {
        office_wrong(BACKSTAY_LANGUAGE_CPP, received.number, "the holder is another");
    }
}

static void carry(const parcel &received) {
    const auto asks = [&](uint32_t act) { return (received.acts & act) != 0; };
    Deferral deferral = Deferral::from_handle({received.handle});
    look(received, deferral);
    if (asks(ACT_NOTE)) (void)deferral.try_set_note("in C++");
    if (asks(ACT_CANCEL)) deferral.instance().cancel();
    if (asks(ACT_CHECKPOINT)) (void)deferral.instance().checkpoint();
    if (!asks(ACT_COMPLETE | ACT_FAIL | ACT_DROP)) {
        office_pass(received.number, deferral.detach());
        return;
    }
    Status status = Status::Ok, again = Status::AlreadyCompleted;
    if (asks(ACT_DROP)) {
        { const Deferral dropped = std::move(deferral); }
    } else {
        status = asks(ACT_COMPLETE) ? deferral.complete() : deferral.fail("on purpose");
        if (asks(ACT_AGAIN)) again = deferral.complete();
    }
    office_ended(received.number, backstay::number(status), backstay::number(again));
}

static void work() {
    for (;;) {
        const parcel received = office_receive(BACKSTAY_LANGUAGE_CPP);
        if (received.kind == PARCEL_NONE) return;
        try {
            received.kind == PARCEL_TAKE ? take(received) : carry(received);
        } catch (const std::exception &error) {
            office_wrong(BACKSTAY_LANGUAGE_CPP, received.number, error.what());
        }
    }
}

static void run(const Instance &instance) {
    // The details are the number of the instance.
    const auto number = static_cast<uint32_t>(std::stoul(std::string(instance.details().as_text().value())));
    office_open(number, instance.handle(), instance.get_deferral("guard").detach());
}

int carry_in_cpp(backstay_host handle, uint32_t count) {
    try {
        const auto host = backstay::Host::from_handle(handle);
        // One whose instances are never given up, and one whose instances may be: their grace is short.
        for (const bool is_hasty : {false, true}) {
            backstay::TaskOptions options;
            options.with_name(is_hasty ? "hasty C++" : "patient C++").with_run(run);
            options.with_grace(is_hasty ? std::chrono::nanoseconds(1) : backstay::forever);
            host.register_task(options);
        }
        while (threads.size() < count) threads.emplace_back(work);
        return BACKSTAY_OK;
    } catch (const backstay::Error &error) {
        return backstay::number(error.status());
    }
}

int listen_in_cpp(backstay_host handle) {
    try {
        for (const auto &task : backstay::Host::from_handle(handle).tasks()) {
            (void)task.on_completed([](const backstay::Completion &done) {
                office_completed(BACKSTAY_LANGUAGE_CPP, done.instance_id.data());
            });
        }
        return BACKSTAY_OK;
    } catch (const backstay::Error &error) {
        return backstay::number(error.status());
    }
}

void join_cpp() {
    for (auto &thread : threads) thread.join();
    threads.clear();
}
