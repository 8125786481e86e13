#include "perform.hpp"

#include "expect.hpp"
#include "opening.hpp"

#include <algorithm>

namespace scenarios {

using backstay::Details;
using backstay::Error;
using backstay::Host;
using backstay::Instance;
using backstay::Status;
using backstay::Task;

namespace {

Details to_details(const step::Details &step) { return step.details ? Details(*step.details) : Details(); }

/// What a call that answers with a status instead of an error has answered (L4).
void check(Status status) {
    if (status != Status::Ok) throw Error(status);
}

} // namespace

void Player::perform(const Line &line) {
    leaves_marks_ = !line.refused;
    if (line.refused) {
        refused(*line.refused, line.step);
    } else {
        carry_out(line.step);
    }
    flush();
    check_mistakes();
}

void Player::close() {
    stage_->gates.release();
    if (host_) host_->shutdown(Duration::zero());
    check_mistakes();
}

void Player::refused(Status status, const Step &step) {
    const std::string expected = std::string("expected ") + backstay::name(status) + ", saw ";
    try {
        carry_out(step);
    } catch (const Error &error) {
        if (error.status() == status) return;
        throw Wrong(expected + backstay::name(error.status()) + " (" + error.what() + ')');
    }
    throw Wrong(expected + "OK");
}

void Player::carry_out(const Step &step) {
    if (!std::holds_alternative<step::Host>(step)) host();
    std::visit([this](const auto &kind) { act(kind); }, step);
}

void Player::act(const step::Host &step) { host_ = open_host(step, stage_); }
void Player::act(const step::Condition &step) { host().set_condition(step.name, step.on); }
void Player::act(const step::Task &step) { stage_->set_task(step.called(), register_task(step, stage_, host())); }
void Player::act(const step::Run &step) { stage_->set_script(step.task, step.acts); }
void Player::act(const step::Fire &step) { name(step.name, task(step.task).fire(to_details(step.details))); }
void Player::act(const step::Raise &step) { host().raise_event(step.event, to_details(step.details)); }

void Player::act(const step::New &step) {
    const Task of_task = task(step.task);
    const auto is_meant = [&](const Instance &instance) {
        return named_.count(instance.id()) == 0 && instance.task() == of_task;
    };
    const auto found = stage_->traces.wait_for([&]() -> std::optional<Instance> {
        const auto instances = stage_->traces.instances();
        const auto oldest = std::find_if(instances.begin(), instances.end(), is_meant);
        return oldest == instances.end() ? std::nullopt : std::optional(*oldest);
    });
    if (!found) throw Wrong("expected an instance of " + step.task + " without a name, saw none");
    name(step.name, *found);
}

void Player::act(const step::Go &step) {
    const Instance &run = instance(step.instance);
    if (!stage_->gates.wait_for(run.id())) {
        const std::string seen = "saw it elsewhere (" + written(run.state()) + ')';
        throw Wrong("expected the run of " + step.instance + " at a hold, " + seen);
    }
    flush();
    by_hand(step.instance, "go");
    stage_->gates.let_pass(run.id());
}

void Player::act(const step::Defer &step) {
    stage_->deferrals.take(by_hand(step.instance, "defer:" + step.label), step.label);
}
void Player::act(const step::Complete &step) {
    check(stage_->deferrals.complete(by_hand(step.instance, "complete:" + step.label), step.label));
}
void Player::act(const step::Drop &step) {
    stage_->deferrals.drop(by_hand(step.instance, "drop:" + step.label), step.label);
}
void Player::act(const step::Fail &step) {
    check(stage_->deferrals.fail(by_hand(step.instance, "fail:" + step.label), step.label, step.text));
}
void Player::act(const step::Progress &step) {
    by_hand(step.instance, "progress:" + std::to_string(step.progress)).set_progress(step.progress);
}
void Player::act(const step::Cancel &step) { by_hand(step.instance, "cancel").cancel(step.reason); }

void Player::act(const step::Suspend &step) {
    const auto cause = step.cause.value_or(backstay::Cause::None);
    at(step.target, "suspend", [cause](const auto &runs) { runs.suspend(cause); });
}
void Player::act(const step::Resume &step) {
    at(step.target, "resume", [](const auto &runs) { runs.resume(); });
}
void Player::act(const step::Unregister &step) { task(step.task).unregister(step.cancel); }
void Player::act(const step::Enable &step) { task(step.task).enable(); }

void Player::act(const step::Advance &step) { host().advance(step.by); }
void Player::act(const step::Drain &step) {
    host().begin_drain(step.timeout);
    wait_for_report();
}
void Player::act(const step::Shutdown &step) {
    host().begin_shutdown(step.grace);
    wait_for_report();
}
void Player::act(const step::Joined &step) {
    if (reports_.empty()) throw Wrong("nothing has been drained or shut down");
    const auto &report = reports_.back();
    if (report.wait_for(PATIENCE) != std::future_status::ready) throw Wrong("expected the report, saw none within 5s");
    compare(step, report.get()).check();
}

void Player::act(const step::ExpectInstance &step) {
    const Instance &looked_at = instance(step.instance);
    stage_->traces.wait_for([&] { return compare(step.expected, looked_at, stage_->traces); }).check();
}
void Player::act(const step::ExpectTask &step) {
    stage_->traces.wait_for([&, looked_at = task(step.task)] { return compare(step.expected, looked_at); }).check();
}
void Player::act(const step::ExpectHost &step) {
    stage_->traces.wait_for([&] { return compare(step.expected, host()); }).check();
}
void Player::act(const step::Trace &step) {
    const Trace seen = stage_->traces.of(instance(step.instance));
    if (seen != step.events) throw Wrong("expected " + joined(step.events, " ") + ", saw " + joined(seen, " "));
}

const Host &Player::host() {
    if (!host_) host_ = open_host(step::Host(), stage_);
    return *host_;
}

Task Player::task(const std::string &name) const {
    auto found = stage_->task(name);
    if (!found) throw Error(Status::NotFound, "no task " + quoted(name) + " was registered");
    return std::move(*found);
}

const Instance &Player::instance(const std::string &name) const {
    const auto found = names_.find(name);
    if (found == names_.end()) throw Wrong(nobody("instance", name));
    return found->second;
}

const Instance &Player::by_hand(const std::string &name, const std::string &mark) {
    const Instance &named = instance(name);
    if (leaves_marks_) stage_->traces.mark(named, mark);
    return named;
}

template <class Call> void Player::at(const Target &target, const std::string &mark, Call call) {
    if (const auto *of_task = std::get_if<target::Task>(&target)) {
        call(task(of_task->task));
    } else if (const auto *of_instance = std::get_if<target::Instance>(&target)) {
        call(by_hand(of_instance->instance, mark));
    } else {
        call(host());
    }
}

void Player::name(const std::string &name, Instance instance) {
    named_.insert(instance.id());
    names_.insert_or_assign(name, std::move(instance));
}

void Player::wait_for_report() {
    reports_.push_back(std::async(std::launch::async, [closing = host()] { return closing.wait(); }).share());
}

void Player::flush() const {
    if (host_) host_->flush(PATIENCE);
}

void Player::check_mistakes() const {
    if (const auto mistake = stage_->mistake()) throw Wrong(*mistake);
}

} // namespace scenarios
