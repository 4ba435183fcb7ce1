//! The contract as sentences. Each is a function over any backend; `sentences!` hands their names to whoever runs them.

/// Calls `$run` with the path of every sentence.
#[macro_export]
macro_rules! sentences {
    ($run:ident) => {
        $run! {
            commits {
                a_record_is_created_only_once,
                a_stale_revision_is_refused_and_the_conflict_names_the_write,
                a_transaction_is_all_or_nothing,
                writes_that_leave_together_are_made_each_by_itself,
                a_deleted_record_is_gone_and_only_at_its_revision,
                a_write_without_condition_makes_older_revisions_stale,
                a_commit_of_too_many_records_or_of_one_twice_is_refused,
                an_expired_record_counts_as_absent_and_its_late_holder_cannot_write,
                a_remembered_answer_is_forgotten_when_it_expires,
                the_audit_log_is_only_appended_to,
                a_record_that_cannot_be_read_is_corrupt_and_no_panic,
                a_record_of_a_newer_version_is_not_guessed_at,
                every_kind_of_record_comes_back_as_it_was_stored,
                a_foreign_tenant_sees_nothing,
                the_stores_clock_is_known_after_the_first_answer,
            }
            lists {
                due_entries_come_oldest_first_and_only_until_the_time_asked,
                due_entries_page_without_gap_or_repetition,
                an_entry_leaves_the_due_index_when_the_machine_is_done,
                a_claimed_delivery_stays_where_it_was_in_the_due_index,
                an_unknown_outcome_is_listed_for_reading_and_not_for_sending,
                a_due_entry_tells_all_that_a_wake_up_needs,
                a_webhook_message_is_due_until_it_has_ended,
                a_series_is_due_while_a_run_is_to_come_and_series_are_listed_as_they_were_made,
                an_account_is_found_when_its_pair_is_to_be_renewed_ahead_while_it_is_used,
                an_account_is_found_when_its_posts_are_to_be_read_while_somebody_asks,
                posts_are_listed_by_due_time_within_bounds_in_both_directions,
                a_list_pages_stably_and_its_last_page_says_so,
                an_archived_post_leaves_the_list_and_stays_readable,
                what_was_sent_again_and_what_was_deleted_is_found_aside_by_when_it_may_have_left,
                a_forged_cursor_finds_nothing,
                what_waits_for_a_person_is_listed_and_leaves_when_decided,
                parked_deliveries_are_found_by_account,
                what_waits_for_an_approver_is_listed_by_urgency_from_an_instant_on_and_leaves_when_answered,
                a_queue_slot_is_taken_once_and_slots_come_in_order,
                a_gate_is_replaced_only_at_its_revision,
                webhook_messages_are_listed_newest_first,
                a_message_ends_leaves_its_lane_and_wakes_the_next_all_at_once_or_not_at_all,
                a_tenants_media_are_listed_newest_first,
                settings_are_listed_by_kind,
            }
            arrivals {
                what_comes_in_comes_back_as_it_was_stored,
                a_call_is_due_until_it_was_read,
                an_account_is_found_when_it_is_to_be_asked_while_it_has_a_source,
                what_came_in_at_a_source_is_listed_newest_first,
                what_was_said_is_found_where_it_stands_and_in_its_conversation,
            }
            audience {
                what_belongs_to_an_audience_comes_back_as_it_was_stored,
                everybody_of_a_partition_is_met_once_and_the_walk_goes_on_behind_anybody,
                who_is_left_alone_is_listed_until_nothing_keeps_them_so,
                of_two_writers_of_one_contact_one_is_refused,
            }
            campaigns {
                shards_and_chunks_come_back_as_they_were_stored,
                chunks_come_in_the_order_of_their_keys_from_behind_a_key_on,
                the_shards_of_a_run_are_found_together_and_no_other_runs,
                a_claim_and_a_pause_of_the_same_revision_are_not_both_made,
            }
            outbox {
                events_commit_with_their_record_and_wait_until_confirmed,
                unsent_events_are_carried_on_by_the_next_change,
                events_are_cleared_only_at_the_same_revision,
                clearing_leaves_the_revision_as_it_is,
                a_deletion_tells_its_events_all_the_same,
                a_record_that_expires_tells_its_events_all_the_same,
                events_spread_over_all_shards,
                a_fresh_event_is_left_to_its_committer,
            }
        }
    };
}
