//! Persons and companies proposed for requests for accounts (`docs/promises.md`, 30): over a labelled set in memory, and
//! through the database, on both engines.

#[path = "../support/mod.rs"]
mod support;

mod index;
mod keys;
mod labelled;
mod noise;
mod stories;

use keys::*;
use stories::*;

on_both_engines! {
    the_keys_are_those_computed_afresh_after_whatever_was_written,
    an_older_database_gets_its_keys_when_it_is_opened,
    the_same_is_proposed_through_the_database,
    one_request_costs_a_bounded_number_of_statements,
    ;
    on_postgres_only:
    candidates_are_found_by_the_index_alone,
}
