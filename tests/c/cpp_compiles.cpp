// The header is good C++, also when it is included twice and in two translation units; the other is cpp_compiles_too.
#include <backstay.h>
#include <backstay.h>

#include <cstdio>

backstay_status hold_elsewhere(backstay_instance instance, void *user_data);

static bool check(bool condition, const char *what, int line) {
    if (!condition) std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, line, what);
    return condition;
}

#define CHECK(condition)                                                                                  \
    if (!check((condition), #condition, __LINE__)) return 1

int main() {
    backstay_holder holder{};
    backstay_task_options options{};
    options.struct_size = sizeof options;
    options.name = BACKSTAY_STR("from C++");
    options.run = hold_elsewhere;
    options.user_data = &holder;
    backstay_host host{};
    backstay_task task{};
    backstay_instance instance{};
    backstay_completion completion{};
    completion.struct_size = sizeof completion;
    CHECK(backstay_host_open(nullptr, &host) == BACKSTAY_OK);
    CHECK(backstay_task_register(host, &options, &task, nullptr) == BACKSTAY_OK);
    CHECK(backstay_task_fire(task, nullptr, &instance) == BACKSTAY_OK);
    CHECK(backstay_instance_wait(instance, 10000000000, &completion) == BACKSTAY_OK);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    // The macro has passed the language and the line of the other file.
    CHECK(holder.language == BACKSTAY_LANGUAGE_CPP && holder.line > 0);
    CHECK(backstay_host_shutdown(host, 10000000000, nullptr) == BACKSTAY_OK);
    CHECK(backstay_instance_release(instance) == BACKSTAY_OK);
    CHECK(backstay_task_release(task) == BACKSTAY_OK);
    CHECK(backstay_host_release(host) == BACKSTAY_OK);
    CHECK(backstay_live_handles() == 0);
    std::puts("ok the_header_is_good_in_two_translation_units");
}
