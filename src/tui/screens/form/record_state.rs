//! The state of a form's record, apart from its view: what was read, what was typed, what follows from a choice and
//! is awaited, and the save under way.
//!
//! ```text
//! Reading ──record──▶ Ready ──begin_save──▶ Saving ──saved──▶ Ready
//!    │                  │ ▲                    └──not_saved──▶ Ready
//!    └─failed─▶ Unreadable └── choose ─▶ Ready, awaiting consequences ─▶ Ready
//! ```
//!
//! It does no I/O and draws nothing: the form asks the questions and passes the answers on. While consequences or a
//! save are awaited, nothing is typed into it ([`RecordState::is_settled`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::record::{Draft, FieldMap, Fields, Record};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::value::{RecordId, Value};
use crate::domain::rules::{self, Issue};
use crate::tui::widgets::drop_down::not_taken;

/// What follows once a save has succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The form stays.
    Stay,
    /// The form closes.
    Close,
    /// The form closes and the walk from problem to problem goes on.
    GoOn,
}

/// The phase of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It is being read for the first time.
    Reading,
    /// It could not be read.
    Unreadable,
    /// It was read, and no write is under way.
    Ready,
    /// It is being saved.
    Saving(Then),
    /// A row action on it, or on a row of one of its panels, is being carried out.
    Acting,
}

/// What setting a value has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// Nothing: the field had this value.
    Same,
    /// The draft has changed.
    Changed,
    /// The draft has changed, and the service has to be asked what follows from the choice.
    AsksConsequences,
}

/// What a save leads to, before the service is asked.
#[derive(Debug, PartialEq)]
pub(super) enum SaveStep {
    /// Refused: something typed cannot be read.
    Refuse(Vec<Issue>),
    /// Nothing is to be saved.
    Nothing,
    /// The draft is ready to be written.
    Write,
}

/// The state of a form's record.
pub(super) struct RecordState {
    phase: Phase,
    draft: Draft,
    /// The fields that a new record began with: they are no change of the operator's.
    initial: FieldMap,
    /// Typed text that cannot be read as a value of its field, by property.
    unread: BTreeMap<&'static str, String>,
    issues: Vec<Issue>,
    /// A record with the id of the draft is stored, as a conflict has shown.
    is_stored: bool,
    /// The last save may have been carried out.
    is_outcome_unknown: bool,
    /// The draft at the time when the consequences of a choice were asked for, by the property of the choice.
    awaited: BTreeMap<&'static str, Draft>,
}

impl RecordState {
    /// A record that is being read. `draft` names it; for a new record it has the fields filled in so far.
    pub(super) fn reading(draft: Draft) -> Self {
        Self {
            phase: Phase::Reading,
            draft,
            initial: FieldMap::new(),
            unread: BTreeMap::new(),
            issues: Vec::new(),
            is_stored: false,
            is_outcome_unknown: false,
            awaited: BTreeMap::new(),
        }
    }

    /// The record with the changes made to it.
    pub(super) fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The record as it was read; `None` for a new one.
    pub(super) fn base(&self) -> Option<&Record> {
        self.draft.base.as_deref()
    }

    /// The entity of the record; a subtype once the record is read.
    pub(super) fn entity(&self) -> &'static EntityDef {
        self.draft.entity
    }

    /// Whether there is a record, or a new draft, to show.
    pub(super) fn is_read(&self) -> bool {
        !matches!(self.phase, Phase::Reading | Phase::Unreadable)
    }

    /// Whether its first reading has failed.
    pub(super) fn is_unreadable(&self) -> bool {
        self.phase == Phase::Unreadable
    }

    /// Whether a save waits for its answer.
    pub(super) fn is_saving(&self) -> bool {
        matches!(self.phase, Phase::Saving(_))
    }

    /// Whether commands can be given: nothing is being written.
    pub(super) fn is_ready(&self) -> bool {
        !matches!(self.phase, Phase::Saving(_) | Phase::Acting)
    }

    /// Whether keys can be handled: it was read, no write is under way, and no consequences are awaited.
    pub(super) fn is_settled(&self) -> bool {
        self.phase == Phase::Ready && self.awaited.is_empty()
    }

    /// Whether something was entered that is not saved. What a new record began with does not count.
    pub(super) fn has_changes(&self) -> bool {
        self.draft.changed != self.initial || !self.unread.is_empty()
    }

    /// Whether it differs from what is stored; a new record always does.
    pub(super) fn is_unsaved(&self) -> bool {
        self.has_changes() || self.draft.base.is_none()
    }

    /// The text typed into a field that cannot be read as a value of it, if there is one.
    pub(super) fn unread(&self, field: &FieldDef) -> Option<&str> {
        self.unread.get(field.property).map(String::as_str)
    }

    /// What was wrong with the draft when it was last checked.
    pub(super) fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Begins a new record, with the fields that the service has filled in.
    pub(super) fn begin(&mut self, draft: Draft) {
        self.initial = draft.changed.clone();
        self.draft = draft;
        self.phase = Phase::Ready;
    }

    /// Takes a record that was read or written; nothing is changed then.
    pub(super) fn load(&mut self, record: Arc<Record>) {
        self.draft = Draft::of(record);
        (self.is_stored, self.is_outcome_unknown) = (false, false);
        self.issues.clear();
        self.initial.clear();
        self.awaited.clear();
        self.phase = Phase::Ready;
    }

    /// Handles that the first reading has failed; it can be repeated.
    pub(super) fn read_failed(&mut self) {
        if !self.is_read() {
            self.phase = Phase::Unreadable;
        }
    }

    /// Handles that it is read again after its first reading has failed.
    pub(super) fn read_again(&mut self) {
        self.phase = Phase::Reading;
    }

    /// Applies the changes to a newer version of the record and reruns the rules on the result, so that computed
    /// fields follow from both.
    pub(super) fn rebase(&mut self, record: Arc<Record>, language: &str) {
        self.draft = rules::rebased(&self.draft, record, language);
        (self.is_stored, self.is_outcome_unknown) = (false, false);
        self.initial.clear();
    }

    /// Sets the value of a field, and recomputes what follows from it without the service.
    pub(super) fn put(&mut self, field: &'static FieldDef, value: Value, language: &str) -> Put {
        self.unread.remove(field.property);
        self.issues.retain(|issue| issue.property != Some(field.property));
        if *self.draft.value(field) == value {
            return Put::Same;
        }
        let before = self.draft.value(field).clone();
        self.draft.set(field, value);
        let rules = entities::rules_of(self.entity());
        (rules.changed)(&mut self.draft, field, language);
        if self.draft.base.is_none() {
            (rules.entered)(&mut self.draft, field, &before);
        }
        if field.target().is_none() {
            return Put::Changed;
        }
        self.awaited.insert(field.property, self.draft.clone());
        Put::AsksConsequences
    }

    /// Reads the text typed into a field; text that cannot be read is kept as it is.
    pub(super) fn type_text(&mut self, field: &'static FieldDef, text: String, language: &str) -> Put {
        match format::read(field, &text, self.draft.value(field), language) {
            Ok(value) => self.put(field, value, language),
            Err(_) => {
                self.keep_unread(field, text);
                Put::Same
            }
        }
    }

    /// Keeps text typed into a field that cannot be read as a value of it.
    pub(super) fn keep_unread(&mut self, field: &'static FieldDef, text: String) {
        self.unread.insert(field.property, text);
    }

    /// Forgets the unreadable text of a field, and its message.
    pub(super) fn forget_unread(&mut self, field: &FieldDef) {
        self.unread.remove(field.property);
        self.issues.retain(|issue| issue.property != Some(field.property));
    }

    /// Takes what follows from the choice in a field; returns the fields that have changed. A field changed meanwhile
    /// keeps its value. `None` when the answer is not awaited any more.
    pub(super) fn follow(
        &mut self,
        field: &'static FieldDef,
        after: &Draft,
    ) -> Option<Vec<&'static FieldDef>> {
        let before = self.awaited.remove(field.property)?;
        let chosen = field;
        let mut followed = Vec::new();
        for field in self.entity().all_fields() {
            let (old, new, mine) = (before.value(field), after.value(field), self.draft.value(field));
            let newly_shown = matches!((new, mine), (Value::Ref(_), Value::Ref(_))) && new == mine;
            if (old != new && mine == old) || newly_shown {
                self.draft.set(field, new.clone());
                self.unread.remove(field.property);
                followed.push(field);
            }
        }
        if after.has_consequences(chosen) && self.draft.value(chosen) == after.value(chosen) {
            self.draft.mark_consequences(chosen);
        }
        Some(followed)
    }

    /// Handles that the consequences could not be read: the service computes them when saving.
    pub(super) fn follow_failed(&mut self, field: &FieldDef) {
        self.awaited.remove(field.property);
    }

    /// Shows a message at a field, in place of earlier ones.
    pub(super) fn mark(&mut self, field: &'static FieldDef, sentence: String) {
        self.issues.retain(|issue| issue.property != Some(field.property));
        self.issues.push(Issue::at(field, sentence));
    }

    /// Replaces all messages.
    pub(super) fn set_issues(&mut self, issues: Vec<Issue>) {
        self.issues = issues;
    }

    /// Why the text typed into a field cannot be read; `None` when there is no such text.
    pub(super) fn why_unread(&self, field: &'static FieldDef, language: &str) -> Option<String> {
        let text = self.unread(field)?;
        if matches!(field.kind, Kind::Ref(_) | Kind::Choice(_)) {
            return Some(not_taken(text));
        }
        Some(match format::read(field, text, self.draft.value(field), language) {
            Err(sentence) => sentence,
            Ok(_) => format!("{} could not be read.", field.label),
        })
    }

    /// What a save leads to, before the service is asked.
    pub(super) fn save_step(&self, language: &str) -> SaveStep {
        let fields = self.entity().all_fields();
        let unread: Vec<Issue> =
            fields.filter_map(|field| Some(Issue::at(field, self.why_unread(field, language)?))).collect();
        if !unread.is_empty() {
            SaveStep::Refuse(unread)
        } else if !self.draft.is_changed() && self.draft.base.is_some() {
            SaveStep::Nothing
        } else {
            SaveStep::Write
        }
    }

    /// Handles that the draft is sent to the service; `then` follows once it is saved.
    pub(super) fn begin_save(&mut self, then: Then) {
        self.issues.clear();
        self.is_outcome_unknown = false;
        self.phase = Phase::Saving(then);
    }

    /// Takes the saved record; returns what follows. `None` when no save was under way.
    pub(super) fn saved(&mut self, record: Arc<Record>) -> Option<Then> {
        let then = self.end_save()?;
        self.unread.clear();
        self.load(record);
        Some(then)
    }

    /// Handles that the outcome of the save is not known.
    pub(super) fn outcome_is_unknown(&mut self) {
        self.is_outcome_unknown = true;
    }

    /// Whether the last save may have been carried out.
    pub(super) fn is_outcome_unknown(&self) -> bool {
        self.is_outcome_unknown
    }

    /// Handles that somebody has saved the record meanwhile. A new record, too, may be stored already: by a save of this
    /// draft whose outcome was not known.
    pub(super) fn conflicts(&mut self) {
        self.is_stored = true;
    }

    /// The id of the record, if it can be read: a new record that is not known to be stored cannot.
    pub(super) fn readable_id(&self) -> Option<RecordId> {
        self.draft.stored_id().or_else(|| self.is_stored.then_some(self.draft.id))
    }

    /// Handles that the save has failed; everything that was typed stays.
    pub(super) fn end_save(&mut self) -> Option<Then> {
        let Phase::Saving(then) = self.phase else { return None };
        self.phase = Phase::Ready;
        Some(then)
    }

    /// Handles that a row action is sent to the service.
    pub(super) fn begin_action(&mut self) {
        self.phase = Phase::Acting;
    }

    /// Handles that the row action was answered.
    pub(super) fn end_action(&mut self) {
        self.phase = Phase::Ready;
    }

    /// Takes back every change.
    pub(super) fn discard(&mut self) {
        self.draft.changed.clear();
        self.unread.clear();
        self.issues.clear();
        self.awaited.clear();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::entities::{party, person, user};
    use crate::domain::model::record::Origin;
    use crate::domain::model::value::{MultiLang, Reference};

    fn id(number: u128) -> RecordId {
        RecordId(Uuid::from_u128(number))
    }

    fn text(text: &str) -> Value {
        Value::multi(MultiLang::new("en", text))
    }

    fn record(
        entity: &'static EntityDef,
        version: i64,
        values: &[(&'static FieldDef, Value)],
    ) -> Arc<Record> {
        let values = values.iter().map(|(field, value)| (field.property, value.clone())).collect();
        Arc::new(Record { entity, id: id(1), version, values, origin: Origin::default() })
    }

    fn armstrong(version: i64, first: &str, last: &str) -> Arc<Record> {
        record(
            &person::PERSON,
            version,
            &[
                (&person::FIRST_NAME.def, text(first)),
                (&person::LAST_NAME.def, text(last)),
                (&party::PARTY_NAME.def, text(&format!("{first} {last}"))),
            ],
        )
    }

    fn of(record: Arc<Record>) -> RecordState {
        let mut state = RecordState::reading(Draft::new(record.entity));
        state.load(record);
        state
    }

    fn shown(state: &RecordState, field: &FieldDef) -> String {
        format::shown(field, state.draft().value(field), "en").into_owned()
    }

    #[test]
    fn what_a_new_record_begins_with_is_no_change() {
        let mut state = RecordState::reading(Draft::new(&user::USER));
        assert!(!state.is_read() && !state.is_settled());
        let mut begun = Draft::new(&user::USER);
        begun.set(&user::ACTIVE.def, Value::Bool(true));
        state.begin(begun);
        assert!(state.is_settled() && !state.has_changes() && state.is_unsaved());
        assert_eq!(state.put(&user::NOTES.def, Value::text("new"), "en"), Put::Changed);
        assert!(state.has_changes());
    }

    #[test]
    fn a_reading_that_failed_can_be_repeated_and_takes_no_keys_meanwhile() {
        let mut state = RecordState::reading(Draft::new(&user::USER));
        state.read_failed();
        assert!(state.is_unreadable() && !state.is_settled());
        state.read_again();
        assert!(!state.is_unreadable() && !state.is_read());
        state.load(record(&user::USER, 1, &[]));
        state.read_failed();
        assert!(state.is_settled(), "reading again a record that is there takes nothing away");
    }

    #[test]
    fn a_choice_is_settled_when_its_consequences_have_come_and_what_was_changed_meanwhile_stays() {
        let mut state = of(record(&user::USER, 1, &[(&user::NAME.def, text("C. Armstrong"))]));
        let chosen = Value::Ref(Reference { id: id(7), shown: "Chris Armstrong".to_owned() });
        assert_eq!(state.put(&user::PERSON.def, chosen, "en"), Put::AsksConsequences);
        assert!(!state.is_settled(), "a save waits for what follows");
        let mut after = state.draft().clone();
        after.set(&user::NAME.def, text("Chris Armstrong"));
        after.set(&user::NOTES.def, Value::text("theirs"));
        state.draft.set(&user::NOTES.def, Value::text("mine"));
        let followed = state.follow(&user::PERSON.def, &after).expect("it is awaited");
        assert!(followed.contains(&&user::NAME.def) && !followed.contains(&&user::NOTES.def));
        assert_eq!(
            (shown(&state, &user::NAME.def), shown(&state, &user::NOTES.def)),
            ("Chris Armstrong".to_owned(), "mine".to_owned())
        );
        assert!(state.is_settled());
        assert_eq!(state.follow(&user::PERSON.def, &after), None, "a second answer is not awaited");
    }

    #[test]
    fn text_that_is_no_value_is_kept_as_typed_and_refuses_the_save() {
        let mut state = of(record(&user::USER, 1, &[]));
        assert_eq!(state.type_text(&user::LOCKOUT_END_UTC.def, "soon".to_owned(), "en"), Put::Same);
        assert_eq!(state.unread(&user::LOCKOUT_END_UTC.def), Some("soon"));
        let SaveStep::Refuse(issues) = state.save_step("en") else { panic!("it is refused") };
        assert_eq!(issues[0].property, Some(user::LOCKOUT_END_UTC.def.property));
        state.type_text(&user::LOCKOUT_END_UTC.def, "2026-06-01 08:00Z".to_owned(), "en");
        assert_eq!(state.save_step("en"), SaveStep::Write);
    }

    #[test]
    fn a_save_that_was_refused_leaves_everything_as_it_was_typed() {
        let mut state = of(armstrong(1, "Chris", "Armstrong"));
        assert_eq!(state.save_step("en"), SaveStep::Nothing);
        state.put(&person::FIRST_NAME.def, text("Kris"), "en");
        assert_eq!(shown(&state, &party::PARTY_NAME.def), "Kris Armstrong");
        state.begin_save(Then::Close);
        assert!(state.is_saving() && !state.is_ready() && !state.is_settled());
        assert_eq!(state.end_save(), Some(Then::Close));
        assert_eq!(state.end_save(), None, "an answer that nobody awaits ends nothing");
        assert!(state.has_changes() && state.is_settled());
        state.begin_save(Then::Stay);
        assert_eq!(state.saved(armstrong(2, "Kris", "Armstrong")), Some(Then::Stay));
        assert!(!state.has_changes() && state.is_settled());
    }

    #[test]
    fn a_conflict_puts_my_changes_on_theirs_and_computes_again_what_follows_from_both() {
        let mut state = of(armstrong(1, "Chris", "Armstrong"));
        state.put(&person::FIRST_NAME.def, text("Kris"), "en");
        state.rebase(armstrong(2, "Chris", "Strong"), "en");
        assert_eq!(shown(&state, &party::PARTY_NAME.def), "Kris Strong");
        assert_eq!(state.base().map(|base| base.version), Some(2));
        state.discard();
        assert_eq!(shown(&state, &party::PARTY_NAME.def), "Chris Strong");
        assert!(!state.has_changes());
    }
}
