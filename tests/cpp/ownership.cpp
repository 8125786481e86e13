// An object owns one handle: a move gives it away, a copy is a dup, and one that has none is answered, not fatal.
#include "check.hpp"

// Programs have functions of these names, which are none of the header's business.
[[maybe_unused]] static void release(backstay_host) { std::abort(); }
[[maybe_unused]] static backstay_status dup(backstay_host, backstay_host *) { std::abort(); }

using backstay::Host, backstay::Instance, backstay::Task;

static void a_copy_is_a_handle_of_its_own() {
    const Host host = manual_host();
    Task task = add(host, "nothing", nothing);
    CHECK(backstay_live_handles() == 2);
    {
        const Task copy = task;
        CHECK(copy.handle().id != task.handle().id && copy == task);
        CHECK(backstay_live_handles() == 3);
        const Host same = host;
        CHECK(same.handle().id != host.handle().id && same.task("nothing") == task);
        Host assigned;
        assigned = same;
        CHECK(assigned.task("nothing") == task);
        CHECK(backstay_live_handles() == 5);
    }
    CHECK(backstay_live_handles() == 2);
    const Task &self = task;
    task = self;
    CHECK(task.name() == "nothing" && backstay_live_handles() == 2);
    close(host);
}

static void a_move_gives_the_handle_away() {
    const Host host = manual_host();
    Task task = add(host, "nothing", nothing);
    const uint64_t id = task.handle().id;
    Task moved = std::move(task);
    CHECK(moved && moved.handle().id == id && backstay_live_handles() == 2);
    CHECK(!task); // NOLINT: what a moved-from object says is the promise
    CHECK_THROWS(InvalidHandle, task.name());
    CHECK_THROWS(InvalidHandle, task.fire());
    CHECK(task.try_fire().status() == backstay::Status::InvalidHandle);
    CHECK(task == Task() && task != moved && moved != Task());
    const Task copy_of_none = task;
    CHECK(!copy_of_none);
    Task &self = moved;
    moved = std::move(self);
    CHECK(moved.handle().id == id);
    task = std::move(moved);
    CHECK(task.handle().id == id && !moved); // NOLINT
    close(host);
}

static void none_is_none() {
    CHECK(Instance() == Instance() && !Instance());
    CHECK_THROWS(InvalidHandle, Instance().id());
    CHECK_THROWS(InvalidHandle, Instance().wait(0s));
    CHECK_THROWS(InvalidHandle, Instance().get_deferral());
    CHECK_THROWS(InvalidHandle, Instance().on_canceled([](backstay::CancelReason) {}));
    backstay::Deferral none = backstay::Deferral::adopt({});
    CHECK(none.complete() == backstay::Status::InvalidHandle);
    CHECK_THROWS(InvalidHandle, Task::from_handle({}));
    CHECK_THROWS(WrongHandleType, Task::from_handle({manual_host().handle().id}));
}

static void handles_come_and_go() {
    const Host host = manual_host();
    Task task = add(host, "nothing", nothing);
    const backstay_task raw = task.detach();
    CHECK(!task && backstay_live_handles() == 2);
    {
        const Task borrowed = Task::from_handle(raw);
        CHECK(borrowed.handle().id != raw.id && backstay_live_handles() == 3);
    }
    CHECK(backstay_live_handles() == 2);
    {
        const Task adopted = Task::adopt(raw);
        CHECK(adopted.handle().id == raw.id && adopted.name() == "nothing");
    }
    CHECK(Task::try_from_handle(raw).status() == backstay::Status::StaleHandle);
    close(host);
}

static void containers_hold_them() {
    const Host host = manual_host();
    std::vector<Task> tasks;
    for (const char *name : {"c", "a", "b"}) tasks.push_back(add(host, name, nothing));
    std::vector<Task> copies = tasks;
    CHECK(backstay_live_handles() == 7);
    std::swap(copies[0], copies[1]);
    copies.erase(copies.begin());
    CHECK(copies.size() == 2 && copies[0].name() == "c" && copies[1].name() == "b");
    copies[0] = copies[1];
    CHECK(copies[0] == tasks[2] && backstay_live_handles() == 6);
    close(host);
}

static void instances_are_the_same_or_not() {
    const Host host = manual_host();
    const Task task = add(host, "nothing", nothing);
    const Instance one = task.fire(), other = task.fire(), copy = one;
    CHECK(one == copy && one != other && one != Instance());
    CHECK(one.task() == task && one.id() == copy.id() && one.id() != other.id());
    CHECK(one.host().task("nothing") == task);
    one.wait(SOON);
    other.wait(SOON);
    close(host);
}

TESTS(TEST(a_copy_is_a_handle_of_its_own), TEST(a_move_gives_the_handle_away), TEST(none_is_none),
      TEST(handles_come_and_go), TEST(containers_hold_them), TEST(instances_are_the_same_or_not))
