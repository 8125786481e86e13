// A host runs its entry points where the application says: on its executor, whatever that does with a job (H7).
#include "check.hpp"

#include <deque>

using backstay::Completion, backstay::Instance, backstay::Job;

// A queue of jobs that a test runs by hand.
struct Queue {
    std::deque<Job> jobs;
    Lines log;
    std::function<void(Job)> executor = [this](Job job) { jobs.push_back(std::move(job)); };
    backstay::Host host = [this] {
        backstay::HostOptions options;
        options.manual_clock = true;
        options.executor = [this](Job job) { executor(std::move(job)); };
        options.log = [this](std::string_view line) { log.add(line); };
        return backstay::Host(options);
    }();
    Job take() {
        Job job = std::move(jobs.front());
        jobs.pop_front();
        return job;
    }
};

static void a_job_runs_where_it_is_run() {
    Queue queue;
    std::thread::id ran_on;
    const Instance instance =
        add(queue.host, "here", [&](const Instance &) { ran_on = std::this_thread::get_id(); }).fire();
    CHECK(instance.state() == backstay::State::Pending && queue.jobs.size() == 1);
    queue.take().run();
    CHECK(ran_on == std::this_thread::get_id() && instance.wait(SOON).outcome == backstay::Outcome::Succeeded);
    close(queue.host);
}

static void a_job_runs_once() {
    Queue queue;
    const Instance instance = add(queue.host, "once", nothing).fire();
    Job job = queue.take();
    job();
    CHECK_THROWS(StaleHandle, job.run());
    Job moved = std::move(job);
    CHECK(job.try_run().status() == backstay::Status::InvalidHandle); // NOLINT
    instance.wait(SOON);
    close(queue.host);
}

static void not_inside_of_the_call() {
    Queue queue;
    backstay::Status answer = backstay::Status::Ok;
    queue.executor = [&](Job job) {
        answer = job.try_run().status();
        queue.jobs.push_back(std::move(job));
    };
    const Instance instance = add(queue.host, "later", nothing).fire();
    CHECK(answer == backstay::Status::WouldDeadlock);
    queue.take().run();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Succeeded);
    close(queue.host);
}

static void check_revoked(Queue &queue) {
    const Instance instance = add(queue.host, "revoked", nothing).fire();
    const Completion done = instance.wait(SOON);
    CHECK(done.outcome == backstay::Outcome::Canceled && done.canceled == backstay::CancelReason::ResourceRevocation);
    queue.host.flush(SOON);
    CHECK(queue.log.has("the executor dropped a job"));
    close(queue.host);
}

static void a_job_that_is_dropped_is_answered() {
    Queue queue;
    queue.executor = [](Job) {};
    check_revoked(queue);
}

static void an_executor_that_throws_drops_its_job() {
    Queue queue;
    queue.executor = [](Job) { throw std::runtime_error("no loop"); };
    check_revoked(queue);
}

// The handler is not to blame for the executor that is called on its thread.
static void in_a_handler_the_executor_fails_for_itself() {
    Queue queue;
    const backstay::Task task = add(queue.host, "first", nothing), second = add(queue.host, "second", nothing);
    task.on_completed([&](const Completion &) {
        queue.executor = [](Job) { throw std::runtime_error("no loop"); };
        (void)second.fire();
    });
    const Instance instance = task.fire();
    queue.take().run();
    instance.wait(SOON);
    queue.host.flush(SOON);
    // Once more, for what the handler has caused.
    queue.host.flush(SOON);
    CHECK(queue.log.has("the executor dropped a job") && !queue.log.has("no loop"));
    close(queue.host);
}

TESTS(TEST(a_job_runs_where_it_is_run), TEST(a_job_runs_once), TEST(not_inside_of_the_call),
      TEST(a_job_that_is_dropped_is_answered), TEST(an_executor_that_throws_drops_its_job),
      TEST(in_a_handler_the_executor_fails_for_itself))
