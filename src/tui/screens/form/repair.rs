//! The repair of each failed code: the screen to open, filled with what is known (`docs/codes.md`, The table, last
//! column).

use crate::domain::codes::{Code, Repair};
use crate::domain::entities::{customer, external_access, party, person, user, web_site};
use crate::domain::model::query::Filter;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference, Value};
use crate::service::back_office::diagnosis::Judged;
use crate::tui::message::{FormPosition, Opening, Screen};

/// What F8 does about a failed code.
pub enum Step {
    /// Opens another form.
    Open(Screen),
    /// Creates the person with the Person field's own Create new, with the company that the applicant named already
    /// looked up.
    CreatePerson(FormPosition),
    /// Nothing can be opened; the text says why.
    Say(&'static str),
}

/// The step that repairs `code` for the user that was judged.
pub fn step(code: Code, judged: &Judged, draft: &Draft) -> Step {
    let Some(repair) = judged.diagnosis.repair(code, &judged.facts) else {
        return Step::Say("Nothing is missing here.");
    };
    let claimed = draft.get(&user::COMPANY_NAME).unwrap_or_default();
    match repair {
        Repair::Person { .. } => {
            Step::CreatePerson(FormPosition::looking_up(&party::PARENT_PARTY.def, claimed))
        }
        Repair::ParentParty { person } => Step::Open(edit(
            &person::PERSON,
            person,
            FormPosition::looking_up(&party::PARENT_PARTY.def, claimed),
            vec![],
        )),
        Repair::NewCustomer { party, enterprise_company } => {
            let mut new = Draft::new(&customer::CUSTOMER);
            new.set(&customer::PARTY.def, Value::Ref(party));
            if let Some(company) = enterprise_company {
                new.set(&customer::ENTERPRISE_COMPANY.def, Value::Ref(company));
            }
            Step::Open(begin(new, FormPosition::at(&customer::ENTERPRISE_COMPANY.def)))
        }
        Repair::AgreementCompany { customer, enterprise_company } => {
            let filled = vec![(&customer::ENTERPRISE_COMPANY.def, Value::Ref(enterprise_company))];
            Step::Open(edit(
                &customer::CUSTOMER,
                customer,
                FormPosition::at(&customer::ENTERPRISE_COMPANY.def),
                filled,
            ))
        }
        Repair::Location { customer, .. } => Step::Open(location_of(customer)),
        Repair::SiteCompany { site } => Step::Open(edit(
            &web_site::WEB_SITE,
            site,
            FormPosition::looking_up(&web_site::ENTERPRISE_COMPANY.def, ""),
            vec![],
        )),
        Repair::SiteSettings { site, line, column } => {
            let position = FormPosition {
                text_at: Some((line, column)),
                key: (code == Code::CC009).then_some(web_site::NEW_ORDER_DOCUMENT_TYPE),
                ..FormPosition::at(&web_site::SETTINGS_JSON.def)
            };
            Step::Open(edit(&web_site::WEB_SITE, site, position, vec![]))
        }
        Repair::EndedAccess { access } => Step::Open(edit(
            &external_access::EXTERNAL_ACCESS,
            access,
            FormPosition::at(&external_access::VALID_UNTIL.def),
            vec![],
        )),
        Repair::ExternalAccess { customer, enterprise_company, .. } => {
            grant(draft, customer, enterprise_company)
        }
    }
}

/// The screen that chooses the location which serves a customer.
pub fn location_of(customer: RecordId) -> Screen {
    edit(&customer::CUSTOMER, customer, FormPosition::looking_up(&customer::SERVICED_BY.def, ""), vec![])
}

/// A new access for the user: to the proposed customer, or to one of this enterprise company to choose.
fn grant(user: &Draft, customer: Option<RecordId>, enterprise_company: Reference) -> Step {
    let Some(id) = user.stored_id() else {
        return Step::Say("Save the user first; then it can be given external access.");
    };
    let mut new = Draft::new(&external_access::EXTERNAL_ACCESS);
    let shown = user.get(&user::LOGIN).unwrap_or_default().to_owned();
    new.set(&external_access::USER.def, Value::Ref(Reference { id, shown }));
    let at = match customer {
        Some(id) => {
            new.set(&external_access::CUSTOMER.def, Value::Ref(Reference { id, shown: String::new() }));
            FormPosition::at(&external_access::ROLE.def)
        }
        None => {
            let theirs =
                Filter::OneOf(&customer::ENTERPRISE_COMPANY.def, vec![Value::Ref(enterprise_company)]);
            FormPosition {
                among: Some(theirs),
                ..FormPosition::looking_up(&external_access::CUSTOMER.def, "")
            }
        }
    };
    Step::Open(begin(new, at))
}

fn edit(
    entity: &'static EntityDef,
    id: RecordId,
    at: FormPosition,
    filled: Vec<(&'static FieldDef, Value)>,
) -> Screen {
    Screen::Form(Opening::Record { entity, id, edit: true, at: Some(at), filled, repairs: true })
}

fn begin(draft: Draft, at: FormPosition) -> Screen {
    Screen::Form(Opening::New { draft, at: Some(at), kind: None, repairs: true })
}
