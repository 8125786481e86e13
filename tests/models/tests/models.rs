//! Runs every model; each is documented where it is written, in `src/models`.

macro_rules! models {
    ($($mechanism:ident { $($property:ident,)+ })+) => {$(
        mod $mechanism {
            $(
                #[test]
                fn $property() {
                    backstay_models::models::$mechanism::$property();
                }
            )+

            #[test]
            fn none_is_forgotten() {
                let source = include_str!(concat!("../src/models/", stringify!($mechanism), ".rs"));
                assert_eq!(source.matches("\npub fn ").count(), [$(stringify!($property)),+].len());
            }
        }
    )+};
}

models! {
    lifecycle {
        last_two_holds_race_and_one_finishes,
        complete_races_cancel_finishes_once,
        get_deferral_races_the_last_completion_holds_or_is_refused,
        start_races_cancel_either_runs_or_never_starts,
        abandon_races_the_last_completion_one_wins,
        cancel_races_cancel_and_the_first_reason_stays,
        who_sees_finished_sees_what_every_holder_wrote,
        who_lets_go_last_sees_what_the_other_holder_wrote,
        who_lets_go_last_sees_what_a_hold_in_between_wrote,
        who_is_refused_a_hold_sees_what_the_last_holder_wrote,
        who_sees_the_reason_sees_what_the_canceller_wrote,
    }
    holders {
        complete_races_complete_one_is_ok_the_other_already_completed,
        complete_races_a_taking_in_the_same_place_and_ends_only_its_own,
        abandon_races_complete_and_the_answer_tells_who_won,
        the_listing_races_completions_and_keeps_the_order_of_taking,
    }
    notify {
        detach_races_calls_and_drops_the_handler_once,
        no_call_begins_after_cancel_returned,
        a_cancel_whose_time_is_over_says_the_truth,
        two_callbacks_that_cancel_each_other_return,
        cancel_races_a_handler_that_cancels_itself,
        cancel_races_cancel_and_both_return_after_the_drop,
        cancel_races_a_call_and_the_drop_cancels_as_well,
        two_threads_that_take_handlers_call_each_once,
        attach_races_attach_and_the_sweep_loses_nobody,
        attach_races_cancel_under_one_lock_and_the_handler_is_told,
    }
    events {
        post_races_close_nothing_is_lost,
        posts_race_and_each_threads_own_stay_in_order,
        flush_returns_after_what_was_posted_before,
        a_flush_whose_time_is_over_says_the_truth,
        give_up_races_the_return_of_the_handler_counts_once,
        what_is_posted_behind_a_stuck_handler_is_delivered_once_it_is_given_up,
        give_up_races_flush_which_returns,
        give_up_races_two_handlers_of_one_event,
        who_is_between_two_handlers_is_not_given_up,
        a_late_return_races_the_giving_up_of_the_next_handler,
        who_was_given_up_knows_that_its_turn_is_over,
    }
    timer {
        arm_races_the_idle_thread_is_not_missed,
        two_that_arm_at_once_share_one_thread,
        entries_of_one_moment_fall_due_in_the_order_of_arming,
        disarm_races_falling_due_one_wins,
        close_races_arm_and_leaves_no_thread,
        what_is_armed_after_the_close_falls_due_and_the_thread_ends,
        what_is_taken_back_after_the_close_keeps_no_thread,
        two_that_advance_at_once_hand_an_entry_out_once,
    }
    pool {
        submit_races_an_idling_worker_runs_every_job_once,
        jobs_of_one_worker_begin_in_order,
        a_job_that_was_promised_a_worker_gets_one,
        close_races_submit_and_leaves_no_worker,
        replace_races_the_return_of_the_job,
        a_job_behind_a_stuck_one_runs_when_its_worker_is_replaced,
        a_late_replacement_never_hits_the_next_job,
        wait_entered_returns_when_what_a_worker_can_take_has_entered,
        wait_entered_returns_although_the_job_goes_on,
        a_wait_for_the_starts_whose_time_is_over_says_the_truth,
        close_races_wait_entered_which_returns,
        replace_races_wait_entered_which_returns,
    }
    executor {
        hand_out_races_hand_out_and_asks_once_for_each_job,
        a_refusal_that_submits_races_a_submit_and_nothing_stays_owed,
        running_races_letting_fall_and_each_job_has_one_end,
        replace_races_the_return_of_a_job_and_no_straggler_stays,
        close_races_submit_and_what_was_taken_is_run,
    }
    threads {
        who_waits_for_the_last_thread_sees_what_all_of_them_did,
        a_thread_that_another_one_started_is_not_missed,
        a_wait_whose_time_is_over_says_the_truth,
    }
}
