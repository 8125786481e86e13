// What each step calls.
#pragma once

#include "stage.hpp"

#include <future>

namespace scenarios {

/// A scenario that is being played. What the library refuses leaves a step as a backstay::Error; what is otherwise not
/// as the file says, as Wrong.
class Player {
  public:
    explicit Player(std::shared_ptr<Stage> stage) : stage_(std::move(stage)) {}

    /// Carries out one step, and then waits until everything it caused was told (E7).
    void perform(const Line &line);
    /// Ends everything that is still alive. A file need not: what it looks at has been seen.
    void close();

  private:
    /// A step that must be refused.
    void refused(backstay::Status status, const Step &step);
    void carry_out(const Step &step);

    void act(const step::Host &step);
    void act(const step::Condition &step);
    void act(const step::Task &step);
    void act(const step::Run &step);
    void act(const step::Fire &step);
    void act(const step::Raise &step);
    void act(const step::New &step);
    void act(const step::Go &step);
    void act(const step::Defer &step);
    void act(const step::Complete &step);
    void act(const step::Drop &step);
    void act(const step::Fail &step);
    void act(const step::Progress &step);
    void act(const step::Cancel &step);
    void act(const step::Suspend &step);
    void act(const step::Resume &step);
    void act(const step::Unregister &step);
    void act(const step::Enable &step);
    void act(const step::Advance &step);
    void act(const step::Drain &step);
    void act(const step::Shutdown &step);
    void act(const step::Joined &step);
    void act(const step::ExpectInstance &step);
    void act(const step::ExpectTask &step);
    void act(const step::ExpectHost &step);
    void act(const step::Trace &step);

    /// The host, opened with the default options when no `host` stood before.
    const backstay::Host &host();
    /// A task that was never registered is answered as the library answers a search for it.
    backstay::Task task(const std::string &name) const;
    const backstay::Instance &instance(const std::string &name) const;
    /// The same for a step by hand, which is written down before it is carried out.
    const backstay::Instance &by_hand(const std::string &name, const std::string &mark);
    /// Calls `call` with the host, task or instance.
    template <class Call> void at(const Target &target, const std::string &mark, Call call);
    void name(const std::string &name, backstay::Instance instance);
    void wait_for_report();
    void flush() const;
    void check_mistakes() const;

    std::shared_ptr<Stage> stage_;
    std::optional<backstay::Host> host_;
    /// What the file calls which instance.
    std::map<std::string, backstay::Instance> names_;
    std::set<backstay::Uuid> named_;
    /// The reports of all drains and shutdowns, now or later. A thread of its own waits for each, as in an application
    /// whose own thread has other things to do; destroying one waits for its thread.
    std::vector<std::shared_future<backstay::DrainReport>> reports_;
    /// Whether the step by hand that is carried out leaves a mark: not when it must be refused.
    bool leaves_marks_ = true;
};

} // namespace scenarios
