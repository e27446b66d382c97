//! The descriptions of the entities hold together: each test names the entity and the field that does not.

use std::collections::BTreeSet;

use ccdesk::domain::entities::{ALL, all, panels_of, subtypes};
use ccdesk::domain::model::format::line_fields;
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Kind, Panel};
use ccdesk::domain::rules::fits;

/// What is wrong, each with the entity it is about; nothing, or a report.
#[track_caller]
fn none(rule: &str, wrong: impl Iterator<Item = String>) {
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

/// Every field of every entity, with the entity whose table holds it.
fn all_fields() -> impl Iterator<Item = (&'static EntityDef, &'static FieldDef)> {
    all().flat_map(|entity| entity.fields.iter().map(move |field| (entity, *field)))
}

/// Words that occur more than once.
fn twice(words: impl Iterator<Item = &'static str>) -> impl Iterator<Item = String> {
    let mut seen = BTreeSet::new();
    let again: Vec<String> = words.filter(|word| !seen.insert(*word)).map(str::to_owned).collect();
    again.into_iter()
}

#[test]
fn whoever_is_referred_to_is_registered_in_all() {
    let is_registered = |entity: &EntityDef| all().any(|other| other.is(entity));
    let references = all_fields().filter_map(|(entity, field)| {
        let target = field.target().filter(|target| !is_registered(target))?;
        Some(format!("{} is not in ALL; {} of {} refers to it", target.name, field.label, entity.name))
    });
    let bases = all().filter_map(|entity| {
        let base = entity.base_entity().filter(|base| !is_registered(base))?;
        Some(format!("{} is not in ALL; it is the base of {}", base.name, entity.name))
    });
    let panels = all().flat_map(|entity| {
        let related = panels_of(entity).iter().filter_map(|panel| match panel {
            Panel::Related(related) if !is_registered(related.entity) => Some(related),
            _ => None,
        });
        related.map(|related| {
            format!(
                "{} is not in ALL; the panel {} of {} shows it",
                related.entity.name, related.title, entity.name
            )
        })
    });
    none("an entity that others know is registered", references.chain(bases).chain(panels));
}

#[test]
fn what_comes_later_in_all_refers_to_what_comes_earlier() {
    let place = |entity: &EntityDef| all().position(|other| other.is(entity));
    let wrong = all_fields().filter_map(|(entity, field)| {
        let target = field.target().filter(|target| place(target) > place(entity))?;
        Some(format!("{} stands before {}, to which {} refers", entity.name, target.name, field.label))
    });
    none("the order of ALL", wrong);
}

#[test]
fn names_are_given_once() {
    none("entities by name", twice(all().map(|entity| entity.name)));
    none("entities by table", twice(all().map(|entity| entity.table)));
    let api = all().flat_map(|entity| {
        let own = [entity.set, entity.type_name].into_iter().collect::<BTreeSet<_>>();
        own.into_iter().chain(entity.older_names.iter().copied())
    });
    none("entities by their names in the Domain API", twice(api));
    for entity in all() {
        let fields = || entity.all_fields();
        none(entity.name, twice(fields().map(|field| field.property)));
        none(entity.name, twice(fields().map(|field| field.label)));
        none(
            entity.name,
            twice(entity.fields.iter().map(|field| field.column).filter(|column| !column.is_empty())),
        );
    }
}

#[test]
fn every_field_has_a_label_and_help_and_stands_in_the_form() {
    let said = all_fields().filter(|(_, field)| field.label.is_empty() || !field.help.ends_with('.'));
    none("label and help", said.map(|(entity, field)| format!("{}: {}", entity.name, field.property)));
    let hidden = all_fields().filter(|(entity, field)| !entity.form.concat().contains(field));
    none("what nobody sees", hidden.map(|(entity, field)| format!("{}: {}", entity.name, field.property)));
    none(
        "shown in the form twice",
        all().flat_map(|entity| twice(entity.form.into_iter().flatten().map(|field| field.property))),
    );
}

#[test]
fn an_entity_has_columns_a_search_and_a_line_of_its_own_fields() {
    let empty = all().flat_map(|entity| {
        let parts = [
            ("columns", entity.columns.is_empty()),
            ("search", entity.search.is_empty()),
            ("display", entity.display.is_empty()),
            ("form", entity.form[0].is_empty()),
        ];
        parts
            .into_iter()
            .filter(|(_, is_empty)| *is_empty)
            .map(|(part, _)| format!("{}: {part}", entity.name))
    });
    none("nothing there", empty);
    let foreign = all().flat_map(|entity| {
        let named = [entity.columns, entity.search, entity.critical, entity.also_in_history_of].concat();
        let single = [Some(entity.title), entity.code, entity.in_use, entity.owner, entity.subtype_field];
        let keys = entity.keys.iter().flat_map(|key| key.fields.iter().copied());
        let named = named.into_iter().chain(entity.form.concat()).chain(single.into_iter().flatten());
        let named = named.chain(keys).chain(line_fields(entity));
        let foreign = named.filter(|field| !entity.all_fields().any(|own| own == *field));
        foreign.map(|field| format!("{}: {}", entity.name, field.property))
    });
    none("a field of another entity, or one that `fields` does not name", foreign);
}

#[test]
fn what_is_compared_is_kept_for_comparing() {
    let in_a_key = |field: &FieldDef| {
        all().any(|entity| entity.unique_fields().any(|(fields, _)| fields.contains(&field)))
    };
    let is_text = |field: &FieldDef| matches!(field.kind, Kind::Text { .. } | Kind::Multi { .. });
    let wrong = all_fields().filter(|(_, field)| field.keyed != (is_text(field) && in_a_key(field)));
    none("keyed", wrong.map(|(entity, field)| format!("{}: {}", entity.name, field.label)));
    let unique =
        all_fields().filter(|(_, field)| field.unique && !is_text(field) && field.target().is_none());
    none(
        "unique is text or a reference",
        unique.map(|(entity, field)| format!("{}: {}", entity.name, field.label)),
    );
    let without =
        all().flat_map(|entity| entity.keys.iter().map(move |key| (entity, key))).filter(|(_, key)| {
            key.fields.len() < 2 || (key.also_without && key.fields.last().is_none_or(|last| last.required))
        });
    none(
        "a key of several fields, the last empty if it may be",
        without.map(|(entity, _)| entity.name.to_owned()),
    );
}

#[test]
fn whoever_is_judged_shows_the_codes() {
    let shows = |entity| panels_of(entity).iter().any(|panel| matches!(panel, Panel::ClientCenterAccess));
    let wrong = all().filter(|entity| entity.judged != shows(entity));
    none("judged and the panel of the codes", wrong.map(|entity| entity.name.to_owned()));
}

#[test]
fn a_panel_shows_records_that_refer_to_the_form() {
    let wrong = ALL.iter().flat_map(|entity| {
        let related = entity.panels.iter().filter_map(|panel| match panel {
            Panel::Related(related) => Some(related),
            Panel::ClientCenterAccess | Panel::History => None,
        });
        let is_wrong = move |related: &&&'static ccdesk::domain::model::schema::Related| {
            let refers = related.by.target().is_some_and(|to| to.is(entity.def) || to.is(entity.def.root()));
            let named = related.columns.iter().chain(related.wanted).chain(related.kinds.iter());
            let mut named = named.chain([&related.by]);
            !refers || named.any(|field| !related.entity.all_fields().any(|own| own == *field))
        };
        let related: Vec<_> = related.collect();
        related.iter().filter(|one| is_wrong(one)).map(|one| one.title.to_owned()).collect::<Vec<_>>()
    });
    none("panels", wrong);
}

#[test]
fn a_subtype_is_one_value_of_its_base() {
    for base in all().filter(|entity| subtypes(entity).next().is_some()) {
        let Some(Kind::Choice(choices)) = base.subtype_field.map(|field| &field.kind) else {
            panic!("{} does not say which subtype a row is", base.name)
        };
        let codes: Vec<&str> =
            subtypes(base).filter_map(|entity| entity.base.map(|(_, code)| code)).collect();
        assert!(codes.iter().all(|code| choices.iter().any(|choice| choice.code == *code)), "{codes:?}");
        none(base.name, twice(codes.into_iter()));
    }
}

#[test]
fn a_new_record_begins_with_what_its_fields_can_hold() {
    let wrong = all_fields().filter_map(|(entity, field)| {
        fits(field, &field.default.fixed()).err().map(|sentence| format!("{}: {sentence}", entity.name))
    });
    none("defaults", wrong);
}

#[test]
fn only_a_reference_to_its_own_entity_can_lead_back() {
    let wrong = all_fields()
        .filter(|(entity, field)| field.target().is_some_and(|to| to.is(entity)) != field.acyclic);
    none("acyclic", wrong.map(|(entity, field)| format!("{}: {}", entity.name, field.label)));
}

#[test]
fn each_entity_and_field_is_written_down_in_domain_md() {
    let sections: Vec<&str> = include_str!("../../docs/domain.md").split("\n#").collect();
    let section = |entity: &EntityDef| {
        let set = format!("`{}`", entity.set);
        sections.iter().find(|section| section.contains(&set))
    };
    let entities = all().filter(|entity| section(entity).is_none());
    let entities = entities.map(|entity| format!("no section has `{}`", entity.set));
    let fields = all_fields().filter_map(|(entity, field)| {
        let property = format!("`{}`", field.property);
        let is_there = section(entity)?.contains(&property);
        (!is_there).then(|| format!("the section of {} has no {property}", entity.set))
    });
    none("docs/domain.md says what the entities are", entities.chain(fields));
}
