//! How the record of an object is found, and what follows from that.

use ccdesk::domain::entities::{company, customer, web_site};

use super::*;

/// A record of the demo company's kinds, by its id.
async fn by_id(db: &Db, entity: &'static EntityDef, id: &str) -> Option<Record> {
    let id = RecordId(id.parse().unwrap());
    load(&mut db.read().await.unwrap(), entity, id, "en").await.unwrap()
}

/// Imports lines of JSON.
async fn import_lines(db: &Db, lines: &[Json]) -> Told {
    let lines: Vec<String> = lines.iter().map(Json::to_string).collect();
    import_bytes(db, lines.join("\n").into_bytes(), &options()).await
}

/// The causes why objects failed.
fn causes(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().filter_map(|outcome| Some(outcome.result.as_ref().err()?.as_str())).collect()
}

pub(crate) async fn a_child_collection_is_imported_as_objects_of_their_own(store: Store) {
    let db = &new_draft(&store.url).await;
    let access = "22222222-0000-4000-8000-000000000002";
    let lines = [
        json!({"@odata.type": "Erp.General_Contacts_Company", "Id": "11111111-0000-4000-8000-000000000010", "Name": "Expanded Ltd."}),
        // The user stands behind the customer: the access has to wait, the customer has not.
        json!({"@odata.type": "Erp.Crm_Sales_Customer", "Number": "00900",
            "Party": {"@odata.id": "General_Contacts_Companies(11111111-0000-4000-8000-000000000010)"},
            "ExternalAccess": [{"Id": access, "Role": "Billing", "DaysBackAccess": 90, "Notes": "expanded",
                "User": {"@odata.id": "Systems_Security_Users(33333333-0000-4000-8000-000000000001)"}}]}),
        json!({"@odata.type": "Erp.Systems_Security_User", "Id": "33333333-0000-4000-8000-000000000001",
            "Login": "rita.expanded@mail.example", "Name": {"en": "Rita Expanded"},
            "UserType": "ExternalCommunityUser", "Active": true}),
    ];
    let (done, outcomes) = import_lines(db, &lines).await;
    assert_eq!(states(&outcomes), [Some(State::Added); 4], "{outcomes:#?}");
    assert_eq!(done.unwrap().failed, 0);
    let ids: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.id.as_deref()).collect();
    assert!(ids.contains(&format!("Crm_Sales_CustomerExternalAccess({access})").as_str()), "{ids:?}");
    let row = by_id(db, &external_access::EXTERNAL_ACCESS, access).await.unwrap();
    let customer = record(db, &customer::CUSTOMER, "00900").await.unwrap();
    assert_eq!(row.get(&external_access::CUSTOMER).unwrap().id, customer.id);
    assert_eq!(row.get(&external_access::ROLE), Some(external_access::Role::Billing));
    assert_eq!(row.get(&external_access::DAYS_BACK_ACCESS), Some(90));
    let (_, outcomes) = import_lines(db, &lines).await;
    assert_eq!(states(&outcomes), [Some(State::Unchanged); 4], "{outcomes:#?}");
    // What a find action finds is left alone, and its collections with it.
    let mut found = lines[1].clone();
    found["@erpnet.action"] = json!("findOrCreate");
    found["ExternalAccess"][0]["Role"] = json!("Basic");
    let (_, outcomes) = import_lines(db, &[found]).await;
    assert_eq!(states(&outcomes), [Some(State::Unchanged)]);
}

fn company(number: u16, name: &str, code: &str) -> Json {
    let id = format!("11111111-0000-4000-8000-{number:012}");
    json!({"@odata.type": "Erp.General_Contacts_Company", "Id": id, "Name": name, "PartyCode": code})
}

/// A person whose parent party is given as a nested company.
fn person_of(number: u16, parent: Json) -> Json {
    let company = json!({"@odata.type": "Erp.General_Contacts_Company"});
    let (Json::Object(mut nested), Json::Object(parent)) = (company, parent) else { panic!("objects") };
    nested.extend(parent);
    json!({"@odata.type": "Erp.General_Contacts_Person", "Id": format!("66666666-0000-4000-8000-{number:012}"),
        "FirstName": {"en": "Fina"}, "LastName": {"en": "Found"}, "ParentParty": nested})
}

/// The name of the parent party of a person of [`person_of`].
async fn parent_of(db: &Db, number: u16) -> Option<String> {
    let id = format!("66666666-0000-4000-8000-{number:012}");
    let person = by_id(db, &person::PERSON, &id).await.expect("the person");
    let parent = person.get(&party::PARENT_PARTY)?.id.to_string();
    let company = by_id(db, &company::COMPANY, &parent).await.expect("its parent");
    Some(company.get(&company::NAME)?.text("en").to_owned())
}

pub(crate) async fn the_find_actions_leave_alone_what_they_find(store: Store) {
    let db = &new_draft(&store.url).await;
    let found =
        |action: &str| json!({"@erpnet.action": action, "PartyCode": "F0001", "Name": "Not Renamed Ltd."});
    let nobody = |action: &str| json!({"@erpnet.action": action, "@erpnet.findBy": {"Code": "NOBODY"}});
    let several = |action: &str| json!({"@erpnet.action": action, "@erpnet.findBy": {"Name": "found"}});
    let new = json!({"@erpnet.action": "findOrCreate", "PartyCode": "N0001", "Name": "New Ltd."});
    let lines = [
        company(20, "Found Ltd.", "F0001"),
        company(21, "Foundry Ltd.", "F0002"),
        person_of(1, found("findOrCreate")),
        person_of(2, nobody("findOrNull")),
        person_of(3, found("find")),
        person_of(4, found("findSingle")),
        person_of(5, found("findSingleOrNull")),
        person_of(6, nobody("findSingleOrNull")),
        person_of(7, several("find")),
        person_of(8, new),
    ];
    let (done, outcomes) = import_lines(db, &lines).await;
    assert_eq!(done.unwrap().failed, 0, "{outcomes:#?}");
    for (number, parent) in [(2, None), (6, None), (8, Some("New Ltd."))]
        .into_iter()
        .chain([1, 3, 4, 5, 7].map(|number| (number, Some("Found Ltd."))))
    {
        assert_eq!(parent_of(db, number).await.as_deref(), parent, "{number}");
    }
    let (_, outcomes) = import_lines(db, &lines).await;
    assert_eq!(states(&outcomes), [Some(State::Unchanged); 10], "{outcomes:#?}");
    let refused = [
        person_of(10, nobody("find")),
        person_of(11, nobody("findSingle")),
        person_of(12, several("findSingle")),
        person_of(13, several("findSingleOrNull")),
        person_of(14, several("merge")),
    ];
    let (_, outcomes) = import_lines(db, &refused).await;
    let causes = causes(&outcomes);
    assert_eq!(causes.len(), 5, "{outcomes:#?}");
    assert!(causes[..2].iter().all(|cause| cause.ends_with("is not there.")), "{causes:?}");
    let ambiguous = "Several companies are found; say by its id which one is meant.";
    assert_eq!(causes[2..], [ambiguous; 3]);
}

pub(crate) async fn find_by_name_and_display_text_finds_what_contains_it(store: Store) {
    let db = &new_draft(&store.url).await;
    let lines = [
        company(20, "Found Ltd.", "F0001"),
        company(21, "Other GmbH", "F0002"),
        person_of(1, json!({"@erpnet.findBy": {"Name": "OTHER g"}})),
        person_of(2, json!({"@erpnet.findBy": {"DisplayText": "und ltd"}})),
        // Only the first criterion counts, in the source's order.
        person_of(3, json!({"@erpnet.findBy": {"Name": "found", "Code": "F0002"}})),
    ];
    let (done, outcomes) = import_lines(db, &lines).await;
    assert_eq!(done.unwrap().failed, 0, "{outcomes:#?}");
    for (number, parent) in [(1, "Other GmbH"), (2, "Found Ltd."), (3, "Other GmbH")] {
        assert_eq!(parent_of(db, number).await.as_deref(), Some(parent), "{number}");
    }
}

pub(crate) async fn web_sites_without_relative_url_stay_without_one(store: Store) {
    let db = &new_draft(&store.url).await;
    let site = |number: u8, of_type: &str, host: &str| {
        json!({"@odata.type": "Erp.Systems_Config_WebSite", "Id": format!("44444444-0000-4000-8000-{number:012}"),
            "WebSiteType": of_type, "WebHost": host, "IsActive": true})
    };
    let sites = json!([site(1, "ClientCenter", "clients.example"), site(2, "WebClient", "erp.example")]);
    for state in [State::Added, State::Unchanged] {
        let (_, outcomes) = import_json(db, sites.clone()).await;
        assert_eq!(states(&outcomes), [Some(state); 2], "{outcomes:#?}");
    }
    let all = everything(db).await;
    let sites: Vec<&Record> = all.iter().filter(|record| record.entity.is(&web_site::WEB_SITE)).collect();
    assert_eq!(sites.len(), 2);
    assert!(sites.iter().all(|site| site.get(&web_site::RELATIVE_URL).is_none()), "{sites:#?}");
}

pub(crate) async fn a_nested_object_that_carries_data_is_merged(store: Store) {
    let db = &new_draft(&store.url).await;
    import_lines(db, &[company(20, "Found Ltd.", "F0001")]).await.0.unwrap();
    let renamed = person_of(1, json!({"PartyCode": "F0001", "Name": "Renamed Ltd."}));
    for state in [State::Added, State::Unchanged] {
        let (_, outcomes) = import_lines(db, std::slice::from_ref(&renamed)).await;
        assert_eq!(states(&outcomes), [Some(state)], "{outcomes:#?}");
        assert_eq!(parent_of(db, 1).await.as_deref(), Some("Renamed Ltd."));
    }
    // The object around it has nothing new, and what is nested has.
    let renamed = person_of(1, json!({"PartyCode": "F0001", "Name": "Renamed Again Ltd."}));
    let (_, outcomes) = import_lines(db, &[renamed]).await;
    assert_eq!(states(&outcomes), [Some(State::Modified)]);
    assert_eq!(parent_of(db, 1).await.as_deref(), Some("Renamed Again Ltd."));
}

/// A person without anything by which a record is found.
fn nameless(first: &str, rest: &Json) -> Json {
    let mut person = json!({"@odata.type": "Erp.General_Contacts_Person", "FirstName": {"en": first},
        "LastName": {"en": "Lee", "bg": "Лий"}});
    person.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    person
}

pub(crate) async fn an_object_without_id_and_code_is_the_record_that_is_equal_to_it(store: Store) {
    let db = &new_draft(&store.url).await;
    let lines = [
        nameless("Ann", &json!({"BirthDate": "1988-06-20"})),
        nameless("Ann", &json!({"BirthDate": "1988-06-21", "Area": 7})),
        nameless("ann", &json!({})),
        json!({"@odata.type": "Erp.Crm_Sales_CustomerType", "Name": {"en": "Trade"}}),
        json!({"@odata.type": "Erp.Crm_Sales_CustomerType", "Name": {"en": "Trade", "bg": "Търговия"}}),
    ];
    for state in [State::Added, State::Unchanged] {
        let (_, outcomes) = import_lines(db, &lines).await;
        assert_eq!(states(&outcomes), [Some(state); 5], "{outcomes:#?}");
    }
    // What differs in anything is another one.
    for different in [
        nameless("Ann", &json!({"BirthDate": "1988-06-20", "Area": 7})),
        nameless("Ann", &json!({"BirthDate": "1988-06-20", "Title": "Dr."})),
        nameless("Ánn", &json!({"BirthDate": "1988-06-20"})),
    ] {
        let (_, outcomes) = import_lines(db, &[different]).await;
        assert_eq!(states(&outcomes), [Some(State::Added)], "{outcomes:#?}");
    }
}

pub(crate) async fn several_records_equal_to_an_object_are_said_to_be_ambiguous(store: Store) {
    let db = &new_draft(&store.url).await;
    let coded = |code: &str| nameless("Ann", &json!({"PartyCode": code}));
    import_lines(db, &[coded("A1"), coded("A2"), coded("A3")]).await.0.unwrap();
    let before = everything(db).await;
    let (done, outcomes) = import_lines(db, &[nameless("Ann", &json!({}))]).await;
    let sentence = "Several persons are just like this object; say by its id which one is meant.";
    assert_eq!(causes(&outcomes), [sentence]);
    assert_eq!(done.unwrap().failed, 1);
    assert!(everything(db).await == before);
}

pub(crate) async fn a_reference_that_finds_nothing_says_the_whole_reason(store: Store) {
    let db = &new_draft(&store.url).await;
    let set = "General_Contacts_Companies";
    let of = |number: u16, parent: u16, rest: Json| {
        let mut company = company(number, &format!("Company {number}"), &format!("C{number}"));
        company["ParentParty"] = json!({"@odata.id": format!("{set}(11111111-0000-4000-8000-{parent:012})")});
        company.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        company
    };
    let lines = [
        of(1, 2, json!({})),
        of(2, 3, json!({})),
        of(3, 1, json!({})),
        of(4, 1, json!({})),
        of(5, 6, json!({})),
        of(6, 99, json!({})),
        of(7, 8, json!({})),
        json!({"@odata.type": "Erp.General_Contacts_Company", "Id": "11111111-0000-4000-8000-000000000008"}),
    ];
    let (_, outcomes) = import_lines(db, &lines).await;
    let parent = |number: u16| format!("ParentParty: {set}(11111111-0000-4000-8000-{number:012})");
    let circle = "needs this object itself; leave this reference out, and add it later.";
    assert_eq!(
        causes(&outcomes),
        [
            format!("{} {circle}", parent(2)),
            format!("{} {circle}", parent(3)),
            format!("{} {circle}", parent(1)),
            format!("{} lacks something itself (line 1).", parent(1)),
            format!("{} lacks something itself (line 6).", parent(6)),
            format!("{} is not there.", parent(99)),
            format!("{} was refused (line 8).", parent(8)),
            "Party Name follows from other fields; fill those in. Name is required.".to_owned(),
        ]
    );
}

pub(crate) async fn notes_of_an_access_and_of_a_site_may_have_four_thousand_characters(store: Store) {
    let db = &new_draft(&store.url).await;
    import_json(db, demo()).await.0.unwrap();
    let site = |notes: String| json!({"@odata.type": "Systems_Config_WebSite", "RelativeUrl": "notes", "WebSiteType": "CC", "Notes": notes});
    let (ts, most) = ("ц".repeat(4001), "ц".repeat(4000));
    let (_, outcomes) = import_json(
        db,
        json!([
            access(99, 2, 40, json!({"Notes": most})),
            site(most.clone()),
            site(ts.clone()),
            access(98, 2, 41, json!({"Notes": ts}))
        ]),
    )
    .await;
    assert_eq!(states(&outcomes), [Some(State::Added), Some(State::Added), None, None], "{outcomes:#?}");
    assert!(causes(&outcomes).iter().all(|cause| cause.contains("at most 4000 characters")), "{outcomes:#?}");
    let site = record(db, &web_site::WEB_SITE, "notes").await.unwrap();
    assert_eq!(site.get(&web_site::NOTES), Some(most.as_str()));
}

pub(crate) async fn a_list_that_no_field_holds_is_kept_and_named(store: Store) {
    let db = &new_draft(&store.url).await;
    let object = json!({"@odata.type": "Erp.General_Contacts_Company", "Name": "Lists Ltd.", "PartyCode": "L1",
        "Addresses": [{"City": "Sofia"}], "Area": 7});
    let (_, outcomes) = import_lines(db, &[object]).await;
    assert_eq!(states(&outcomes), [Some(State::Added)]);
    assert_eq!(outcomes[0].message().unwrap(), "Kept as given, as no field holds it: Addresses.");
    let company = record(db, &company::COMPANY, "L1").await.unwrap();
    assert_eq!(company.origin.extra.as_deref(), Some(r#"{"Addresses":[{"City":"Sofia"}],"Area":7}"#));
}

pub(crate) async fn utf_16_is_taken(store: Store) {
    let db = &new_draft(&store.url).await;
    let payload = json!({"objects": [company(30, "Шестнайсет ООД", "U1")]}).to_string();
    let bytes = std::iter::once('\u{feff}' as u16).chain(payload.encode_utf16()).flat_map(u16::to_le_bytes);
    let (_, outcomes) = import_bytes(db, bytes.collect(), &options()).await;
    assert_eq!(states(&outcomes), [Some(State::Added)], "{outcomes:#?}");
    let company = record(db, &company::COMPANY, "U1").await.unwrap();
    assert_eq!(company.get(&company::NAME).unwrap().text("en"), "Шестнайсет ООД");
}

pub(crate) async fn an_object_that_fails_leaves_its_nested_objects_as_they_were(store: Store) {
    let db = &new_draft(&store.url).await;
    let first = company(1, "Original Ltd.", "N0001");
    let id = first["Id"].as_str().unwrap().to_owned();
    import_lines(db, &[first]).await.0.unwrap();
    let renamed = json!({"@odata.type": "Erp.General_Contacts_Company", "Id": id, "Name": "Renamed Ltd."});
    let missing = "General_EnterpriseCompanies(99999999-0000-4000-8000-000000000001)";
    let (done, outcomes) = import_lines(
        db,
        &[
            json!({"@odata.type": "Erp.Crm_Sales_Customer", "Number": "00901", "Party": renamed.clone(),
                "EnterpriseCompany": {"@odata.id": missing}}),
            json!({"@odata.type": "Erp.Crm_Sales_Customer", "Number": "a number of far too many letters",
                "Party": renamed}),
        ],
    )
    .await;
    let done = done.unwrap();
    assert_eq!((done.failed, done.modified), (2, 0), "{outcomes:#?}");
    let kept = by_id(db, &company::COMPANY, &id).await.unwrap();
    assert_eq!(kept.get(&company::NAME).unwrap().text("en"), "Original Ltd.");
}

pub(crate) async fn one_external_id_in_two_systems_is_two_records(store: Store) {
    let db = &new_draft(&store.url).await;
    let of = |number: u16, system: &str| {
        let mut company = company(number, &format!("{system} Ltd."), &format!("S000{number}"));
        company["ExternalId"] = json!("1");
        company["ExternalSystem"] = json!(system);
        company
    };
    let both = [of(1, "SAP"), of(2, "Navision")];
    for state in [State::Added, State::Unchanged] {
        let (_, outcomes) = import_lines(db, &both).await;
        assert_eq!(states(&outcomes), [Some(state); 2], "{outcomes:#?}");
    }
}

pub(crate) async fn an_object_that_is_no_proper_text_fails_alone(store: Store) {
    let db = &new_draft(&store.url).await;
    let line = |number: u16, name: &str, rest: &str| {
        format!(
            r#"{{"@odata.type": "Erp.General_Contacts_Company", "Id": "11111111-0000-4000-8000-{number:012}", "Name": "{name}", "PartyCode": "T{number}"{rest}}}"#
        )
    };
    let input = [
        line(1, "First Ltd.", ""),
        line(2, r"Half \ud800 Ltd.", ""),
        line(3, "Number Ltd.", r#", "Area": {"$serde_json::private::Number": "7"}"#),
        line(4, "Nested Ltd.", r#", "Other": [{"x": {"$serde_json::private::Number": "x"}}]"#),
        line(5, "Last Ltd.", r#", "value": [{"Name": "kept"}]"#),
    ];
    let (done, outcomes) = import_bytes(db, input.join("\n").into_bytes(), &options()).await;
    assert_eq!((done.unwrap().added, outcomes.len()), (2, 5), "{outcomes:#?}");
    let digits = "$serde_json::private::Number is no name that a property may have.";
    assert_eq!(
        causes(&outcomes),
        ["A text of it has a lone surrogate, which is no character.", digits, digits]
    );
    let half = "General_Contacts_Companies(11111111-0000-4000-8000-000000000002)";
    assert_eq!(outcomes[1].id.as_deref(), Some(half));
    assert_eq!(outcomes[4].message().unwrap(), "Kept as given, as no field holds it: value.");
}

pub(crate) async fn ids_that_land_on_one_record_are_said_and_find_it_in_their_import(store: Store) {
    let db = &new_draft(&store.url).await;
    let set = "General_Contacts_Companies";
    let id = |number: u16| format!("11111111-0000-4000-8000-{number:012}");
    let employed = |number: u16, at: u16| {
        let parent = json!({"@odata.id": format!("{set}({})", id(at))});
        let mut person = person_of(number, json!({}));
        person["ParentParty"] = parent;
        person
    };
    let lines = [
        company(1, "One Ltd.", "S1"),
        company(2, "One Ltd.", "S1"),
        company(3, "One Ltd.", "S1"),
        json!({"@odata.type": "Erp.General_Contacts_Company", "Id": id(4), "PartyCode": "S1", "@erpnet.action": "find"}),
        employed(2, 2),
        employed(3, 3),
        employed(4, 4),
    ];
    let said = format!(
        "It is {set}({}), whose external id stays {}; references to its own id find that in this file, and not in later ones.",
        id(1),
        id(2)
    );
    let mut expected = [State::Added, State::Modified, State::Unchanged, State::Unchanged].map(Some).to_vec();
    expected.extend([Some(State::Added); 3]);
    // A second import of the same changes nothing, and says the same.
    for expected in [expected, vec![Some(State::Unchanged); 7]] {
        let (_, outcomes) = import_lines(db, &lines).await;
        assert_eq!(states(&outcomes), expected, "{outcomes:#?}");
        let notes: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.note.as_deref()).collect();
        assert_eq!(notes, [&said, &said]);
        for number in [2, 3, 4] {
            assert_eq!(parent_of(db, number).await.as_deref(), Some("One Ltd."), "{number}");
        }
    }
    // A later import finds what the record keeps.
    let (_, outcomes) = import_lines(db, &[employed(12, 2), employed(13, 3)]).await;
    assert_eq!(states(&outcomes), [Some(State::Added), None], "{outcomes:#?}");
    assert_eq!(causes(&outcomes), [format!("ParentParty: {set}({}) is not there.", id(3))]);
}

pub(crate) async fn an_external_id_is_not_replaced_by_another_id_and_one_left_out_is_named(store: Store) {
    let db = &new_draft(&store.url).await;
    let external = |number: u16, id: &str, code: &str| {
        let mut company = company(number, code, code);
        company["ExternalId"] = json!(id);
        company["ExternalSystem"] = json!(format!("{id} system"));
        company
    };
    let lines = [
        external(1, "SAP-1", "E1"),
        external(2, "SAP-1", "E1"),
        company(4, "E2", "E2"),
        external(5, "SAP-2", "E2"),
    ];
    let (_, outcomes) = import_lines(db, &lines).await;
    assert_eq!(states(&outcomes)[1], Some(State::Unchanged), "{outcomes:#?}");
    assert!(outcomes[1].note.as_deref().unwrap().contains("whose external id stays SAP-1"), "{outcomes:#?}");
    let said = "Its external id SAP-2 was left out, as its own id stands there.";
    assert_eq!(outcomes[3].note.as_deref(), Some(said), "{outcomes:#?}");
    let kept = record(db, &company::COMPANY, "E1").await.unwrap();
    assert_eq!(kept.origin.external_id.as_deref(), Some("SAP-1"));
    // What another object has left there is replaced only by the record's own object, and that is said.
    let lines = [external(4, "SAP-3", "E2"), external(5, "SAP-4", "E2")];
    let (_, outcomes) = import_lines(db, &lines).await;
    let said = "Its external id was 11111111-0000-4000-8000-000000000005; references to that find it in this file, and not in later ones.";
    assert_eq!(outcomes[0].note.as_deref(), Some(said), "{outcomes:#?}");
    let kept = record(db, &company::COMPANY, "E2").await.unwrap();
    let kept = (kept.origin.external_id.as_deref(), kept.origin.external_system.as_deref());
    assert_eq!(kept, (Some("SAP-3"), Some("SAP-3 system")));
}

pub(crate) async fn what_a_nested_object_has_beside_its_fields_is_told_too(store: Store) {
    let db = &new_draft(&store.url).await;
    let enterprise =
        json!({"@odata.type": "Erp.General_Contacts_Company", "Name": "Owner Ltd.", "PartyCode": "O1"});
    let customer = json!({"@odata.type": "Crm_Sales_Customer", "Number": "00901",
        "Party": {"@odata.type": "Erp.General_Contacts_Company", "Name": "Nested Ltd.", "PartyCode": "N1",
            "Addresses": [{"City": "Sofia"}], "Password": "canary-in-a-party"}});
    let lines = [enterprise, customer];
    let said = "General_Contacts_Companies N1: The password was left out; its owner has to set a new one. \
                General_Contacts_Companies N1: Kept as given, as no field holds it: Addresses.";
    for _ in 0..2 {
        let (_, outcomes) = import_lines(db, &lines).await;
        assert_eq!(outcomes[1].note.as_deref(), Some(said), "{outcomes:#?}");
    }
}

pub(crate) async fn the_child_collection_of_a_nested_customer_is_imported(store: Store) {
    let db = &new_draft(&store.url).await;
    import_json(db, demo()).await.0.unwrap();
    let child = access(90, 2, 40, json!({}));
    let nested = json!({"Number": "00950", "Party": company(77, "Deep Ltd.", "D1"),
        "ExternalAccess": [{"Id": child["Id"], "User": child["User"], "Role": "Basic"}]});
    let mut other = access(91, 2, 41, json!({}));
    other["Customer"] = nested;
    for state in [State::Added, State::Unchanged] {
        let (_, outcomes) = import_lines(db, std::slice::from_ref(&other)).await;
        assert_eq!(states(&outcomes), [Some(state); 2], "{outcomes:#?}");
    }
}

pub(crate) async fn a_reference_by_display_text_finds_the_one_record_that_it_means(store: Store) {
    let db = &new_draft(&store.url).await;
    let by_text = |text: &str| json!({"DisplayText": text});
    let lines = [
        company(20, "Found Ltd.", "F0001"),
        company(21, "Foundry Ltd.", "F0002"),
        person_of(1, by_text("Foundry Ltd.")),
        person_of(2, by_text("Found")),
        person_of(3, by_text("Nobody Ltd.")),
    ];
    let (_, outcomes) = import_lines(db, &lines).await;
    assert_eq!(parent_of(db, 1).await.as_deref(), Some("Foundry Ltd."), "{outcomes:#?}");
    assert_eq!(
        causes(&outcomes),
        [
            "Several companies are found; say by its id which one is meant.",
            "ParentParty: General_Contacts_Companies Nobody Ltd. is not there."
        ]
    );
}
