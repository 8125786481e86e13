/* Every number of the header has its name, numbers that are none are UNKNOWN, and names are found again. */
#include "check.h"

#define SAYS(call, wanted) CHECK(strcmp((call), (wanted)) == 0)

static void every_word_has_its_name(void) {
    SAYS(backstay_state_name(BACKSTAY_STATE_PENDING), "Pending");
    SAYS(backstay_state_name(BACKSTAY_STATE_RUNNING), "Running");
    SAYS(backstay_state_name(BACKSTAY_STATE_FINISHED), "Finished");
    SAYS(backstay_outcome_name(BACKSTAY_OUTCOME_SUCCEEDED), "Succeeded");
    SAYS(backstay_outcome_name(BACKSTAY_OUTCOME_CANCELED), "Canceled");
    SAYS(backstay_outcome_name(BACKSTAY_OUTCOME_FAILED), "Failed");
    SAYS(backstay_outcome_name(BACKSTAY_OUTCOME_ABANDONED), "Abandoned");
    SAYS(backstay_host_state_name(BACKSTAY_HOST_OPEN), "Open");
    SAYS(backstay_host_state_name(BACKSTAY_HOST_DRAINING), "Draining");
    SAYS(backstay_host_state_name(BACKSTAY_HOST_CLOSED), "Closed");
    SAYS(backstay_language_name(BACKSTAY_LANGUAGE_RUST), "Rust");
    SAYS(backstay_language_name(BACKSTAY_LANGUAGE_C), "C");
    SAYS(backstay_language_name(BACKSTAY_LANGUAGE_CPP), "C++");
    SAYS(backstay_language_name(BACKSTAY_LANGUAGE_PYTHON), "Python");
    const char *const kinds[] = {"Fired",   "Waits",    "Started", "Progress", "Suspended",
                                 "Resumed", "Canceled", "Overdue", "Completed"};
    for (uint32_t kind = BACKSTAY_EVENT_FIRED; kind <= BACKSTAY_EVENT_COMPLETED; kind++) {
        SAYS(backstay_event_kind_name(kind), kinds[kind]);
    }
}

static void what_is_none_is_unknown(void) {
    const uint32_t wrong[] = {99, UINT32_MAX};
    for (int index = 0; index < 2; index++) {
        SAYS(backstay_state_name(wrong[index]), "UNKNOWN");
        SAYS(backstay_outcome_name(wrong[index]), "UNKNOWN");
        SAYS(backstay_host_state_name(wrong[index]), "UNKNOWN");
        SAYS(backstay_language_name(wrong[index]), "UNKNOWN");
        SAYS(backstay_event_kind_name(wrong[index]), "UNKNOWN");
    }
    SAYS(backstay_state_name(BACKSTAY_STATE_FINISHED + 1), "UNKNOWN");
    SAYS(backstay_outcome_name(BACKSTAY_OUTCOME_ABANDONED + 1), "UNKNOWN");
    SAYS(backstay_host_state_name(BACKSTAY_HOST_CLOSED + 1), "UNKNOWN");
    SAYS(backstay_language_name(BACKSTAY_LANGUAGE_PYTHON + 1), "UNKNOWN");
    SAYS(backstay_event_kind_name(BACKSTAY_EVENT_COMPLETED + 1), "UNKNOWN");
    SAYS(backstay_cancel_reason_name(12), "UNKNOWN");
    SAYS(backstay_cancel_reason_name(BACKSTAY_CANCEL_FIRST_OWN - 1), "UNKNOWN");
}

static void a_reason_is_found_again_by_its_name(void) {
    const char *const names[] = {"Abort",          "Terminating",  "LoggingOff",        "ServicingUpdate",
                                 "IdleTask",       "Uninstall",    "ConditionLoss",     "SystemPolicy",
                                 "QuietHoursEntered", "ExecutionTimeExceeded", "ResourceRevocation", "EnergySaver"};
    backstay_cancel_reason seen = 99;
    for (backstay_cancel_reason reason = 0; reason <= BACKSTAY_CANCEL_ENERGY_SAVER; reason++) {
        SAYS(backstay_cancel_reason_name(reason), names[reason]);
        CHECK_OK(backstay_cancel_reason_from_name(text(names[reason]), &seen));
        CHECK(seen == reason);
    }
    SAYS(backstay_cancel_reason_name(BACKSTAY_CANCEL_FIRST_OWN), "Own");
    SAYS(backstay_cancel_reason_name(UINT32_MAX), "Own");
    CHECK_OK(backstay_cancel_reason_from_name(text("Own(64)"), &seen));
    CHECK(seen == BACKSTAY_CANCEL_FIRST_OWN);
    CHECK_OK(backstay_cancel_reason_from_name(text("Own(4294967295)"), &seen));
    CHECK(seen == UINT32_MAX);
    const char *const wrong[] = {"", "Own", "Own()", "Own(12)", "Own(4294967296)", "Own(-1)", "abort", "Abort "};
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++) {
        CHECK_STATUS(backstay_cancel_reason_from_name(text(wrong[index]), &seen), BACKSTAY_NOT_FOUND);
    }
    CHECK(seen == UINT32_MAX);
    CHECK_STATUS(backstay_cancel_reason_from_name(text("\xff"), &seen), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_cancel_reason_from_name(text("Abort"), NULL), BACKSTAY_INVALID_ARGUMENT);
}

static void a_status_is_found_again_by_its_name(void) {
    backstay_status seen = 99;
    for (backstay_status status = BACKSTAY_INTERNAL; status <= BACKSTAY_OK; status++) {
        CHECK_OK(backstay_status_from_name(text(backstay_status_name(status)), &seen));
        CHECK(seen == status);
    }
    CHECK_STATUS(backstay_status_from_name(text("UNKNOWN"), &seen), BACKSTAY_NOT_FOUND);
    CHECK_STATUS(backstay_status_from_name(text("not_running"), &seen), BACKSTAY_NOT_FOUND);
    CHECK(seen == BACKSTAY_OK);
    CHECK_STATUS(backstay_status_from_name(text("OK"), NULL), BACKSTAY_INVALID_ARGUMENT);
}

static void the_library_says_its_version(void) {
    SAYS(backstay_version(), BACKSTAY_VERSION);
}

TESTS(TEST(every_word_has_its_name), TEST(what_is_none_is_unknown), TEST(a_reason_is_found_again_by_its_name),
      TEST(a_status_is_found_again_by_its_name), TEST(the_library_says_its_version))
