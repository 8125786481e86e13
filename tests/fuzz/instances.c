/* Operations on instances. */
#include "world.h"

#define OK CAN(BACKSTAY_OK)

READS(INSTANCE, backstay_instance, instance_id, 16, OK)
READS(INSTANCE, backstay_instance, instance_get_state, sizeof(backstay_state), OK)
READS(INSTANCE, backstay_instance, instance_get_progress, sizeof(uint32_t), OK)
READS(INSTANCE, backstay_instance, instance_is_suspended, sizeof(bool), OK)
READS(INSTANCE, backstay_instance, instance_suspended_count, sizeof(uint32_t), OK)
READS(INSTANCE, backstay_instance, instance_deadline, sizeof(int64_t), OK)
READS(INSTANCE, backstay_instance, instance_remaining, sizeof(int64_t), OK)
GIVES(INSTANCE, backstay_instance, instance_task, TASK, OK)
GIVES(INSTANCE, backstay_instance, instance_host, HOST, OK | CAN(BACKSTAY_CLOSED))
GIVES(INSTANCE, backstay_instance, instance_dup, INSTANCE, OK)
ACTS(INSTANCE, backstay_instance, instance_resume, OK)
RELEASES_ONE(INSTANCE, backstay_instance, instance_release)

static void instance_set_progress(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_instance_set_progress((backstay_instance){subject.id}, take(input));
    answered("instance_set_progress", subject, seen, OK);
}

static void instance_details(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    bool is_good;
    struct result details = take_result(input, sizeof(backstay_details), &is_good);
    const backstay_status seen = backstay_instance_details((backstay_instance){subject.id}, (void *)details.memory);
    const bool is_ok = answered("instance_details", subject, seen, IF(is_good, OK));
    // The views are good as long as the handle; they are read as far as the struct reaches.
    const backstay_details *seen_details = (void *)details.memory;
    if (is_ok && subject.what == GOOD && details.size >= sizeof *seen_details) {
        CHECK(is_utf8((const unsigned char *)seen_details->media_type.ptr, seen_details->media_type.len));
        is_utf8(seen_details->bytes, seen_details->length);
    }
    check_result(&details, is_ok);
}

static void instance_get_deferral(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    struct text label = take_text(input), file = take_text(input);
    const backstay_language language = below(input, 5);
    struct result out = new_result(sizeof(uint64_t), 0);
    const bool has_file = below(input, 2) == 0, is_null = rarely(input, 16);
    const backstay_instance instance = {subject.id};
    backstay_deferral *place = is_null ? NULL : (void *)out.memory;
    const backstay_status seen = has_file ? backstay_instance_get_deferral_at(instance, label.view, file.view,
                                                                              take(input), language, place)
                                          : (backstay_instance_get_deferral)(instance, label.view, place);
    const bool is_good =
        label.is_good && !is_null && (!has_file || (file.is_good && language <= BACKSTAY_LANGUAGE_PYTHON));
    const bool is_ok =
        answered("instance_get_deferral", subject, seen, IF(is_good, OK | CAN(BACKSTAY_NOT_RUNNING)));
    if (is_ok) given(DEFERRAL, place->id, OURS, 0);
    check_result(&out, is_ok);
    free_text(&label), free_text(&file);
}

static void instance_holders(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    const size_t capacity = below(input, 4);
    struct result array = new_result(capacity * sizeof(backstay_holder), capacity == 0 ? 0 : sizeof(backstay_holder));
    struct result count = new_result(sizeof(size_t), 0);
    const backstay_status seen = backstay_instance_holders(
        (backstay_instance){subject.id}, capacity == 0 ? NULL : (void *)array.memory, capacity, (void *)count.memory);
    const bool is_ok = answered("instance_holders", subject, seen, OK);
    check_result(&array, is_ok);
    check_result(&count, is_ok);
}

/* Only what descends from the handle that was lent to an entry point has an error to set. */
static void instance_set_error(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    struct text error = take_text(input), type = take_text(input);
    const bool is_typed = below(input, 2) == 0;
    if (subject.what != BUSY) {
        const backstay_instance instance = {subject.id};
        const backstay_status seen = is_typed ? backstay_instance_set_error_typed(instance, error.view, type.view)
                                              : backstay_instance_set_error(instance, error.view);
        const bool is_good = error.is_good && (type.is_good || !is_typed);
        answered("instance_set_error", subject, seen, IF(is_good, OK | CAN(BACKSTAY_NOT_RUNNING)));
    }
    free_text(&error), free_text(&type);
}

static void instance_cancel(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    const uint32_t reason = take(input);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_instance_cancel((backstay_instance){subject.id}, reason);
    const bool is_good = reason <= BACKSTAY_CANCEL_ENERGY_SAVER || reason >= BACKSTAY_CANCEL_FIRST_OWN;
    answered("instance_cancel", subject, seen, IF(is_good, OK));
}

/* Both tell whether, and why. */
static void instance_is_canceled(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    struct result canceled = new_result(sizeof(bool), 0), reason = new_result(sizeof(uint32_t), 0);
    const bool waits = below(input, 2) == 0;
    const backstay_instance instance = {subject.id};
    const backstay_status seen =
        waits ? backstay_instance_wait_canceled(instance, 0, (void *)canceled.memory, (void *)reason.memory)
              : backstay_instance_is_canceled(instance, (void *)canceled.memory, (void *)reason.memory);
    const bool is_ok = answered(waits ? "instance_wait_canceled" : "instance_is_canceled", subject, seen,
                                OK | (waits ? CAN(BACKSTAY_TIMED_OUT) : 0));
    // The reason is written only when there is one.
    const bool is_canceled = is_ok && *(bool *)(void *)canceled.memory;
    check_result(&canceled, is_ok);
    check_result(&reason, is_canceled);
}

static void instance_on_canceled(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    struct user_data *data = new_user_data(input, 0);
    const int number = data->number;
    struct result out = new_result(sizeof(uint64_t), 0);
    const bool has_function = !rarely(input, 16), has_out = below(input, 4) != 0, is_completed = below(input, 2) == 0;
    backstay_subscription *place = has_out ? (void *)out.memory : NULL;
    const backstay_instance instance = {subject.id};
    const backstay_status seen =
        is_completed
            ? backstay_instance_on_completed(instance, has_function ? on_completed : NULL, data, end_user_data, place)
            : backstay_instance_on_canceled(instance, has_function ? on_number : NULL, data, end_user_data, place);
    const bool is_ok = answered("instance_on_canceled", subject, seen, IF(has_function, OK));
    if (is_ok && has_out) given(SUBSCRIPTION, place->id, OURS, 0);
    CHECK(is_ok || is_ended(number));
    check_result(&out, is_ok);
}

static void instance_suspend(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    const uint32_t cause = below(input, 4);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_instance_suspend((backstay_instance){subject.id}, cause);
    answered("instance_suspend", subject, seen, IF(cause <= BACKSTAY_CAUSE_NETWORK, OK));
}

static void instance_throttle_count(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    const uint32_t counter = below(input, 4);
    if (subject.what == BUSY) return;
    struct result count = new_result(sizeof(uint32_t), 0);
    const backstay_status seen =
        backstay_instance_throttle_count((backstay_instance){subject.id}, counter, (void *)count.memory);
    const bool is_good = counter <= BACKSTAY_COUNTER_NETWORK;
    check_result(&count, answered("instance_throttle_count", subject, seen, IF(is_good, OK)));
}

/* A suspended instance is not waited for: nobody would resume it. */
static void instance_checkpoint_within(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    struct result canceled = new_result(sizeof(bool), 0);
    const backstay_status seen =
        backstay_instance_checkpoint_within((backstay_instance){subject.id}, 0, (void *)canceled.memory);
    check_result(&canceled, answered("instance_checkpoint_within", subject, seen, OK | CAN(BACKSTAY_TIMED_OUT)));
}

static void instance_wait(struct input *input) {
    const struct subject subject = choose(input, INSTANCE);
    if (subject.what == BUSY) return;
    bool is_good;
    struct result completion = take_result(input, sizeof(backstay_completion), &is_good);
    const bool is_null = rarely(input, 8);
    const backstay_status seen =
        backstay_instance_wait((backstay_instance){subject.id}, 0, is_null ? NULL : (void *)completion.memory);
    const bool is_ok = answered("instance_wait", subject, seen, IF(is_good || is_null, OK | CAN(BACKSTAY_TIMED_OUT)));
    const backstay_completion *told = (void *)completion.memory;
    if (is_ok && !is_null && subject.what == GOOD && completion.size >= sizeof *told) {
        CHECK(is_utf8((const unsigned char *)told->error.ptr, told->error.len));
        for (size_t index = 0; index < told->holder_count; index++) CHECK(told->holders[index].struct_size != 0);
        for (size_t index = 0; index < told->dropped_count; index++) CHECK(told->dropped[index].struct_size != 0);
    }
    check_result(&completion, is_ok);
}

operation *const instance_operations[] = {
    instance_id,        instance_get_state,   instance_get_progress, instance_is_suspended, instance_suspended_count,
    instance_deadline,  instance_remaining,   instance_task,         instance_host,         instance_dup,
    instance_resume,    instance_release,     instance_set_progress, instance_details,      instance_get_deferral,
    instance_get_deferral, instance_holders,  instance_set_error,    instance_cancel,       instance_is_canceled,
    instance_on_canceled, instance_suspend,   instance_throttle_count, instance_checkpoint_within, instance_wait,
    NULL,
};
