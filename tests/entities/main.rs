//! The storage contract of the entities: what is written comes back, lists are walked in one order, and the
//! codes are the same in SQL as in Rust. Every story is told on both engines.

mod back_office;
mod company;
mod deadlock;
mod definitions;
mod erp_rules;
mod grants;
mod history;
mod indexes;
mod judged;
mod lists;
mod lost_commit;
mod records;
mod saving;
mod schema;
#[path = "../support/settings.rs"]
mod settings;
mod statements;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;

use back_office::*;
use deadlock::*;
use erp_rules::*;
use grants::*;
use history::*;
use indexes::*;
use judged::*;
use lists::*;
use lost_commit::*;
use records::*;
use saving::*;
use schema::*;
use statements::*;

on_both_engines! {
    every_field_has_its_columns,
    every_key_has_its_unique_index,
    every_reference_and_external_id_has_its_index,
    every_reference_has_its_foreign_key,
    every_enumeration_is_the_one_of_its_column,
    every_table_is_of_an_entity_or_beside_them,
    a_value_one_past_its_limit_is_refused_by_the_schema,
    history_can_only_grow,
    countries_and_currencies_are_filled_once,
    every_value_comes_back_as_it_was_saved,
    a_record_is_shown_through_the_references_behind_it,
    a_party_comes_back_as_what_it_really_is,
    only_the_first_of_two_saves_of_one_version_wins,
    a_save_moves_the_version_even_when_only_the_subtype_changed,
    a_child_moves_the_version_of_its_owner,
    numbers_are_given_in_turn_and_never_again,
    next_numbers_pass_over_whatever_is_stored,
    writers_at_once_never_share_a_number,
    what_must_be_unique_is_named_by_its_fields,
    what_is_referred_to_cannot_be_deleted,
    records_are_found_by_external_id_code_and_value,
    many_records_are_written_at_once,
    history_comes_back_newest_first,
    pages_walk_a_list_in_one_order_in_both_directions,
    filters_find_what_they_say,
    a_page_can_begin_at_a_row,
    choices_lie_within_another_record,
    the_codes_in_sql_are_those_of_diagnose,
    a_sales_order_type_has_one_of_three_entity_names,
    a_draft_is_judged_as_if_it_were_saved,
    a_login_that_looks_like_another_is_named,
    promise_10_look_alikes_are_found_as_they_are_written_in_logins_and_emails,
    look_alikes_of_an_older_database_are_found_once_it_is_opened,
    a_request_is_settled_by_the_save_that_completes_it,
    a_sign_in_finds_the_login_ignoring_case,
    promise_13_a_refused_save_says_who_changed_what,
    promise_13_a_part_that_was_saved_names_its_operator,
    promise_13_a_save_that_waited_for_another_shows_it,
    a_save_that_changes_nothing_leaves_no_trace,
    parties_moved_at_once_make_no_circle,
    promise_05_there_is_one_first_administrator,
    promise_01_a_password_is_the_same_from_every_keyboard,
    an_operator_reads_in_the_language_of_the_login,
    promise_07_only_administrators_touch_who_may_do_what,
    promise_08_an_owner_is_never_lowered_or_removed,
    an_access_keeps_its_customer_and_user,
    an_owner_and_unlimited_days_back_are_asked_about,
    promise_08_the_end_of_an_owner_is_brought_forward_by_an_administrator_alone,
    promise_08_the_last_who_manages_users_does_not_end_before_today,
    what_is_noted_meanwhile_is_no_conflict,
    the_views_of_accesses_are_relative_to_the_day,
    promise_08_an_owner_stays_whoever_asks_for_what,
    promise_08_the_days_back_of_an_owner_are_lowered_by_an_administrator_alone,
    promise_08_the_last_who_manages_users_is_named_with_the_way_out,
    promise_08_a_draft_that_lies_about_what_was_read_changes_nothing,
    promise_08_whatever_is_granted_and_ended_somebody_manages_users,
    promise_08_two_who_end_each_other_at_once_do_not_both,
    who_cannot_sign_in_is_refused_and_who_is_off_is_asked_about,
    several_customers_are_granted_together_or_not_at_all,
    only_what_can_be_removed_is_and_as_it_was_read,
    history_tells_customer_and_user_of_every_access,
    a_page_costs_two_statements_wherever_it_begins,
    a_form_is_read_in_few_statements,
    a_save_is_a_dozen_statements_at_the_most,
    a_web_site_settles_two_thousand_users_together,
    every_value_comes_back_from_history_as_it_was,
    values_are_stored_alike_on_both_engines,
    everything_one_action_writes_carries_its_operation,
    a_request_is_configured_in_the_operation_of_the_save,
    a_deletion_keeps_every_field,
    promise_03_a_secret_never_enters_history,
    a_long_history_is_read_page_by_page,
    entries_of_the_version_before_stay_as_they_were,
    a_step_that_fails_leaves_the_version_before,
    what_follows_from_a_choice_is_saved_with_it,
    what_was_entered_stays_whatever_follows,
    changes_put_on_a_newer_reading_are_computed_anew,
    a_new_record_that_is_saved_again_is_one_record,
    a_new_record_that_was_saved_otherwise_is_a_conflict,
    of_two_saves_of_one_new_draft_at_once_one_is_written,
    a_save_runs_no_statement_that_it_need_not,
    an_operation_that_is_being_written_is_waited_for,
    an_operation_that_wrote_nothing_is_known_not_to_be_written,
    a_branch_has_its_number_in_its_party_name,
    a_location_is_named_after_its_company_in_every_language,
    locations_follow_when_their_company_is_renamed,
    a_location_keeps_its_name_while_its_company_is_renamed_at_once,
    a_customer_keeps_its_party,
    only_an_internal_user_is_an_administrator,
    a_user_who_was_stored_otherwise_can_still_be_worked_with,
    a_default_language_is_one_of_iso_639_1,
    promise_08_an_administrator_lowers_and_ends_an_owner_with_a_reason,
    a_grant_to_a_customer_that_no_location_serves_is_warned_about,
    a_new_site_is_proposed_the_relative_url_of_its_type,
    a_relative_url_is_of_small_letters_and_never_sys,
    a_site_without_relative_url_is_named_by_its_host,
    an_imported_sales_order_type_makes_new_orders_right,
    an_older_database_is_brought_up_to_these_rules_once,
    ;
    on_postgres_only:
    a_save_that_a_deadlock_has_undone_is_made_again,
    a_rejection_waits_for_the_administrators_before_it_holds_the_user,
    records_are_locked_in_one_order_whatever_order_is_asked_for,
    promise_32_what_became_of_a_save_whose_answer_is_lost_is_found_out,
    promise_32_what_fails_behind_the_commit_does_not_unmake_the_first_administrator,
    promise_32_a_save_that_is_given_up_while_it_is_found_out_about_is_unknown,
}
