//! Grant access: access for one user to several customers in one step. The customers are marked; the role, days back
//! and notes are the same for all.

mod drawing;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Role;
use crate::domain::entities::customer::{self, CUSTOMER};
use crate::domain::entities::external_access::{
    DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, USER, VALID_UNTIL,
};
use crate::domain::model::format;
use crate::domain::model::query::{Filter, ListQuery, Page, Sort};
use crate::domain::model::record::Draft;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{Reference, Value};
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::grants::Grants;
use crate::service::back_office::records::with_defaults;
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, HelpTopic, Opening, Outcome, Question, Screen, Slot, Tone};
use crate::tui::screens::access_fields::{AccessFields, Pressed};
use crate::tui::widgets::drop_down::KEEP_VALUE;
use crate::tui::widgets::grid::{Grid, GridOwner, HasGrids};
use crate::tui::widgets::text_box;
use crate::tui::widgets::text_box::TextBox;

/// The fields that every new access gets.
static FIELDS: [&FieldDef; 4] = [&ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def, &VALID_UNTIL.def];

/// What a customer must have before anybody enters for it (CC007, `docs/codes.md`); where it is empty, that is
/// marked.
static WANTED: [&FieldDef; 1] = [&customer::SERVICED_BY.def];

/// The reason why a command is not available yet.
const WAITING: &str = "The access is being granted.";

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Customers,
    Search,
    Fields,
}

/// The place in which access is granted.
pub struct Grant {
    user: Reference,
    customers: Grid,
    search: TextBox,
    /// The enterprise company for which the operator works.
    company: Option<Reference>,
    /// The fields that are the same for every customer.
    fields: AccessFields,
    /// The first line of the fields in view.
    top: u16,
    focus: Focus,
    /// The messages that belong to none of the fields.
    said: Vec<String>,
    is_saving: bool,
    /// Whether the question is open whether to grant despite warnings.
    asks: bool,
}

impl Grant {
    /// Opens it for a user. At first the customers of the operator's enterprise company are listed.
    pub fn open(user: Reference, cx: &mut Cx<'_>) -> Self {
        let mut draft = Draft::new(&EXTERNAL_ACCESS);
        draft.set(&USER.def, Value::Ref(user.clone()));
        let draft = with_defaults(draft, None, None);
        let company = cx.who.operator().and_then(|operator| operator.enterprise_company.clone());
        let query = ListQuery {
            columns: vec![
                &customer::PARTY.def,
                &customer::NUMBER.def,
                &customer::SERVICED_BY.def,
                &customer::ACTIVE.def,
                &customer::ENTERPRISE_COMPANY.def,
            ],
            filters: company.clone().map(customers_of).into_iter().collect(),
            sort: vec![Sort { field: &customer::PARTY.def, descending: false }],
            ..ListQuery::all(&CUSTOMER)
        };
        let mut customers = Grid::new(GridOwner::of::<Self>(), query, 0, &WANTED).with_marks();
        customers.restart(cx);
        Self {
            user,
            customers,
            search: TextBox::new("", None),
            company,
            fields: AccessFields::new(draft, &FIELDS, Some(Role::Owner), cx.language()),
            top: 0,
            focus: Focus::Customers,
            said: Vec::new(),
            is_saving: false,
            asks: false,
        }
    }

    fn go_to(&mut self, focus: Focus, cx: &Cx<'_>) {
        if self.focus == Focus::Fields {
            self.fields.leave(cx.language());
        }
        self.focus = focus;
    }

    /// Goes from the customers to the fields and back.
    fn next_stop(&mut self, forward: bool, cx: &Cx<'_>) {
        match self.focus {
            Focus::Fields => {
                if !self.fields.step(forward, cx.language()) {
                    self.focus = Focus::Customers;
                }
            }
            Focus::Customers | Focus::Search => {
                self.focus = Focus::Fields;
                self.fields.enter(forward, cx.language());
            }
        }
    }

    /// Lists what the search box asks for.
    fn look(&mut self, cx: &mut Cx<'_>) {
        let search = self.search.text().trim();
        if search != self.customers.query.search {
            self.customers.query.search = search.to_owned();
            self.customers.restart(cx);
        }
    }

    /// Whether only the customers of the operator's enterprise company are listed.
    fn is_narrow(&self) -> bool {
        !self.customers.query.filters.is_empty()
    }

    /// Lists the customers of every enterprise company; or again those of the operator's own.
    fn widen(&mut self, cx: &mut Cx<'_>) {
        let own = self.company.clone().filter(|_| !self.is_narrow());
        self.customers.query.filters = own.map(customers_of).into_iter().collect();
        self.customers.restart(cx);
    }

    fn perform(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::SaveAndReload => self.save(cx),
            Action::Mark => {
                self.said.clear();
                self.customers.mark(cx);
            }
            Action::Open => {
                if let Some(row) = self.customers.current() {
                    cx.push(Effect::Push(Screen::Form(Opening::record(row.entity, row.id, false))));
                }
            }
            Action::FilterRow => self.go_to(Focus::Search, cx),
            Action::ClearFilters => self.widen(cx),
            Action::Sort => self.customers.sort(false, cx),
            Action::Reload => self.customers.reload(cx),
            Action::NextPanel | Action::PreviousPanel if self.focus == Focus::Fields => {
                self.go_to(Focus::Customers, cx);
            }
            Action::NextPanel | Action::PreviousPanel => {
                self.focus = Focus::Fields;
                self.fields.enter(true, cx.language());
            }
            Action::Back if self.focus == Focus::Fields => {
                self.fields.close_list(cx.language());
            }
            Action::Back => self.go_to(Focus::Customers, cx),
            Action::DropDown => self.fields.drop_down(),
            Action::Clear => self.clear(cx),
            Action::Help => {
                let field = match self.focus {
                    Focus::Fields => Some(self.fields.field()),
                    Focus::Customers | Focus::Search => self.customers.column(),
                };
                if let Some(field) = field {
                    cx.push(Effect::Push(Screen::Help(HelpTopic::Field(field))));
                }
            }
            _ => {}
        }
    }

    fn clear(&mut self, cx: &mut Cx<'_>) {
        if self.focus == Focus::Fields {
            self.fields.clear(cx.language());
        } else {
            self.search.set("");
            self.look(cx);
        }
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        match (self.focus, key.code) {
            (Focus::Search, KeyCode::Enter | KeyCode::Down | KeyCode::Tab) => {
                self.go_to(Focus::Customers, cx);
            }
            (Focus::Search, _) => {
                if self.search.key(key).is_change() {
                    self.look(cx);
                }
            }
            (Focus::Customers, _) => self.row_key(key, cx),
            (Focus::Fields, _) => match self.fields.key(key, cx.language()) {
                Pressed::Leaves { forward } => self.next_stop(forward, cx),
                Pressed::NoText(how) => cx.say_no_text(self.fields.field().label, how),
                Pressed::Changed | Pressed::Kept => {}
            },
        }
    }

    fn row_key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        let column = self.customers.column_index();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => drop(self.customers.step(1, cx)),
            KeyCode::Up | KeyCode::Char('k') => drop(self.customers.step(-1, cx)),
            KeyCode::PageDown => self.customers.page(1, cx),
            KeyCode::PageUp => self.customers.page(-1, cx),
            KeyCode::Home => self.customers.home(cx),
            KeyCode::End => self.customers.end(cx),
            KeyCode::Right => self.customers.go_to_column(column + 1),
            KeyCode::Left => self.customers.go_to_column(column.saturating_sub(1)),
            KeyCode::Tab => self.next_stop(true, cx),
            KeyCode::BackTab => self.next_stop(false, cx),
            _ => {}
        }
    }

    fn paste(&mut self, text: &str, cx: &mut Cx<'_>) {
        match self.focus {
            Focus::Search => {
                self.search.paste(text);
                self.look(cx);
            }
            Focus::Fields => self.fields.paste(text, cx.language()),
            Focus::Customers => {}
        }
    }

    /// Grants access to the marked customers, unless something typed cannot be read.
    fn save(&mut self, cx: &mut Cx<'_>) {
        self.fields.leave(cx.language());
        let mut issues = self.fields.unread_issues(cx.language());
        if self.fields.role().is_none() {
            issues.push(Issue::at(&ROLE.def, format!("{} is required.", ROLE.def.label)));
        }
        if self.customers.marked().len() == 0 {
            issues.push(Issue::whole("Mark the customers first: Space marks the one in front."));
        }
        if issues.is_empty() { self.grant(false, cx) } else { self.refuse(issues, cx) }
    }

    fn grant(&mut self, confirmed: bool, cx: &mut Cx<'_>) {
        let Some(role) = self.fields.role() else { return };
        let grants = Grants {
            user: self.user.id,
            customers: self.customers.marked().collect(),
            role,
            days_back: self.fields.days_back(),
            valid_until: self.fields.valid_until(),
            notes: self.fields.notes(),
        };
        self.fields.forgive();
        self.said.clear();
        self.is_saving = true;
        cx.ask(Slot::Write, back_office::Grant { grants, confirmed }, Self::granted);
    }

    fn granted(&mut self, result: Result<(), ServiceError>, cx: &mut Cx<'_>) {
        self.is_saving = false;
        match result {
            Ok(()) => {
                let customers = match self.customers.marked().len() {
                    1 => "1 customer".to_owned(),
                    several => format!("{several} customers"),
                };
                cx.say(Tone::Good, format!("{} has access to {customers} more.", self.user.shown));
                cx.push(Effect::Pop(Outcome::Written));
            }
            Err(ServiceError::Invalid(issues)) if issues.iter().all(Issue::only_asks) => {
                self.asks = true;
                cx.push(Effect::Push(Screen::Question(Question {
                    title: "Grant anyway?".to_owned(),
                    lines: issues.into_iter().map(|issue| issue.message).collect(),
                    answers: vec![('b', "Back".to_owned()), ('g', "Grant anyway".to_owned())],
                })));
            }
            Err(ServiceError::Invalid(issues)) => self.refuse(issues, cx),
            Err(error) => self.refuse(vec![Issue::whole(error.to_string())], cx),
        }
    }

    /// Shows each issue at its field; those of no field are shown above the customers.
    fn refuse(&mut self, issues: Vec<Issue>, cx: &mut Cx<'_>) {
        if let Some(first) = issues.first() {
            cx.say(Tone::Bad, first.message.clone());
        }
        let all = issues.len();
        let others = self.fields.refuse(issues, cx.language());
        let focus = if others.len() < all { Focus::Fields } else { Focus::Customers };
        self.said = others.into_iter().map(|issue| issue.message).collect();
        self.focus = focus;
    }

    fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match (std::mem::take(&mut self.asks), outcome) {
            (true, Outcome::Answer(1)) => self.grant(true, cx),
            (_, Outcome::Written) => self.customers.reload(cx),
            _ => {}
        }
    }

    fn customer_commands(&self, out: &mut Vec<Command>) {
        // The row with the cursor may be another one once the awaited rows have come.
        let waits = self.customers.is_waiting();
        let nothing =
            if waits { "The customers are still being read." } else { "There is no customer here." };
        let row = !waits && self.customers.current().is_some();
        out.push(Command::of(Action::Mark).only_if(row, nothing));
        out.push(Command::of(Action::Open).labelled("Open customer").only_if(row, nothing));
        out.push(Command::of(Action::FilterRow).labelled("Search"));
        if let Some(company) = &self.company {
            let label = if self.is_narrow() {
                "Customers of every company".to_owned()
            } else {
                format!("Customers of {} only", company.shown)
            };
            out.push(Command::of(Action::ClearFilters).labelled(label).ribbon());
        }
        out.push(Command::of(Action::Sort));
        out.push(Command::of(Action::Reload));
    }
}

/// A filter on the customers of this enterprise company.
fn customers_of(company: Reference) -> Filter {
    Filter::OneOf(&customer::ENTERPRISE_COMPANY.def, vec![Value::Ref(company)])
}

impl HasGrids for Grant {
    fn rows_read(&mut self, _grid: usize, rows: Result<Page, ServiceError>, cx: &mut Cx<'_>) {
        match rows {
            Ok(page) => self.customers.take(page, cx),
            Err(error) => {
                self.customers.give_up();
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn rows_counted(&mut self, _grid: usize, count: Result<i64, ServiceError>, cx: &mut Cx<'_>) {
        match count {
            Ok(count) => self.customers.take_count(count),
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }
}

impl Component for Grant {
    fn title(&self) -> String {
        "Grant access".to_owned()
    }

    fn takes_text(&self) -> bool {
        self.focus != Focus::Customers
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let grant = Command::of(Action::SaveAndReload).labelled("Grant access").ribbon();
        out.push(grant.only_if(!self.is_saving, WAITING));
        match self.focus {
            Focus::Customers => self.customer_commands(out),
            Focus::Search => {
                let filled = !self.search.is_empty();
                out.push(Command::of(Action::Clear).only_if(filled, "The search box is empty."));
                out.push(Command::of(Action::Back).labelled("Back to the customers"));
            }
            Focus::Fields => match self.fields.list_command() {
                Some(list) => {
                    out.push(list);
                    if self.fields.is_choosing() {
                        out.push(Command::of(Action::Back).labelled(KEEP_VALUE));
                    }
                }
                None => {
                    let filled = self.fields.is_filled();
                    out.push(Command::of(Action::Clear).only_if(filled, "The field is empty."));
                }
            },
        }
        out.push(Command::of(Action::NextPanel));
        out.push(Command::of(Action::PreviousPanel));
        out.push(Command::of(Action::Help));
    }

    fn rule(&self) -> Option<String> {
        (self.focus == Focus::Fields).then(|| format::rule(self.fields.field())).flatten()
    }

    fn own_keys(&self) -> Vec<OwnKey> {
        match self.focus {
            Focus::Customers => Vec::new(),
            Focus::Search => text_box::KEYS.to_vec(),
            Focus::Fields => self.fields.own_keys(),
        }
    }

    fn takes_now(&self, event: &Event, _awaited: &Awaited<'_>) -> bool {
        if self.is_saving {
            return false;
        }
        match (event, self.focus) {
            (
                Event::Command(
                    Action::Mark | Action::Open | Action::Menu | Action::Reload | Action::SaveAndReload,
                ),
                _,
            ) => !self.customers.is_replacing(),
            (Event::Key(key), Focus::Customers) => self.customers.takes_now(key),
            _ => true,
        }
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            // Nothing is changed while the marked customers are being saved.
            _ if self.is_saving => cx.say(Tone::Plain, WAITING),
            Event::Command(action) => self.perform(action, cx),
            Event::Key(key) => self.key(&key, cx),
            Event::Paste(text) => self.paste(&text, cx),
            Event::Returned(outcome) => self.returned(outcome, cx),
            Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        self.draw_place(frame, area, cx);
    }

    fn has_changes(&self) -> bool {
        self.fields.has_changes() || self.customers.marked().len() > 0
    }
}
