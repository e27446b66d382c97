//! Which records `ccdesk export` writes: the entities, fields, view and site that its arguments name.

use anyhow::{anyhow, bail, ensure};
use jiff::civil::Date;

use super::Args;
use crate::domain::entities;
use crate::domain::model::instant::Instant;
use crate::domain::model::query::{Filter, ListQuery, Sort, View};
use crate::domain::model::schema::{EntityDef, FieldDef, Kind};
use crate::domain::model::text;
use crate::domain::model::value::FALLBACK_LANGUAGE;
use crate::service::back_office::check;
use crate::service::exchange::export::Selection;
use crate::storage::db::Db;

/// The most characters in which a name may differ from the one that is proposed for it.
const MOST_ERRORS: usize = 3;

/// The most names that are proposed.
const MOST_PROPOSED: usize = 4;

/// The selection of the arguments on a day. It is not judged at a site yet.
///
/// # Errors
/// One sentence that says what is not known, and what comes near it.
pub(super) fn of(args: &Args, today: Date) -> anyhow::Result<Selection> {
    let format = args.format();
    let named: Vec<&EntityDef> = args.entities.iter().map(|name| entity(name)).collect::<Result<_, _>>()?;
    let mut selection = match &named[..] {
        [] => Selection::of_everything(format),
        named => Selection {
            lists: named.iter().map(|entity| ListQuery::all(entity)).collect(),
            format,
            language: FALLBACK_LANGUAGE.to_owned(),
        },
    };
    let needs_one = format.is_table() || !args.filters.is_empty() || args.view.is_some();
    ensure!(
        !needs_one || named.len() == 1,
        "a table, a filter and a view are of one entity; name it, such as ccdesk export users"
    );
    if let ([entity], [query]) = (&named[..], &mut selection.lists[..]) {
        let readable = |field: &&FieldDef| !matches!(field.kind, Kind::Secret);
        query.columns = entity.all_fields().filter(readable).collect();
        for given in &args.filters {
            query.filters.push(filter(entity, given)?);
        }
        if let Some(name) = &args.view {
            let view = view(entity, name)?;
            query.filters.extend((view.filters)(today));
            if let Some(arrangement) = view.arrangement {
                query.sort = vec![Sort { field: arrangement.oldest_first, descending: false }];
            }
        }
    }
    if let Some(since) = &args.changed_since {
        let instant: Instant = since.parse().map_err(|error| anyhow!("--changed-since {since}: {error}"))?;
        let since = instant.timestamp().ok_or_else(|| anyhow!("--changed-since {since} is too late"))?;
        selection.lists.iter_mut().for_each(|query| query.filters.push(Filter::ChangedSince(since)));
    }
    let judges = |query: &ListQuery| query.filters.iter().any(|filter| matches!(filter, Filter::Access(_)));
    ensure!(
        args.site.is_some() || !selection.lists.iter().any(judges),
        "this view judges users at a Client Center site; name it with --site"
    );
    ensure!(
        args.site.is_none() || selection.lists.iter().any(|query| query.entity.judged),
        "nobody is judged in this export; leave --site out"
    );
    Ok(selection)
}

/// Judges the users of the selection at the site with this name.
///
/// # Errors
/// When there is no such site, or the database cannot be read.
pub(super) async fn judge_at(selection: &mut Selection, db: &Db, site: &str) -> anyhow::Result<()> {
    let sites = check::sites(&mut *db.read().await?, Some(site)).await?;
    for query in selection.lists.iter_mut().filter(|query| query.entity.judged) {
        query.judged_at = sites.first().map(|site| site.id);
    }
    Ok(())
}

fn entity(given: &str) -> anyhow::Result<&'static EntityDef> {
    let key = text::fold(given);
    let by_label = entities::all().find(|entity| [entity.plural, entity.name].map(text::fold).contains(&key));
    let found = by_label.or_else(|| entities::by_api_name(given));
    let found = found.or_else(|| entities::all().find(|entity| text::fold(entity.set) == key));
    found.ok_or_else(|| {
        let names = entities::all().map(|entity| entity.plural);
        anyhow!("there is no entity “{given}”; {}", proposed(given, names))
    })
}

fn filter(entity: &'static EntityDef, given: &str) -> anyhow::Result<Filter> {
    let Some((name, typed)) = given.split_once('=') else {
        bail!("--filter takes a field and a text, such as Login=harper, not “{given}”");
    };
    let key = text::fold(name.trim());
    let mut fields = entity.all_fields();
    let field = fields.find(|field| [field.property, field.label].map(text::fold).contains(&key));
    let field = field.ok_or_else(|| {
        let names = entity.all_fields().map(|field| field.property);
        anyhow!("{} have no field “{name}”; {}", entity.plural, proposed(name, names))
    })?;
    let read =
        Filter::read(field, typed, FALLBACK_LANGUAGE).map_err(|sentence| anyhow!("--filter: {sentence}"))?;
    read.ok_or_else(|| {
        anyhow!("--filter {name}= names no text; write {name}=(empty) for records without one")
    })
}

fn view(entity: &'static EntityDef, given: &str) -> anyhow::Result<&'static View> {
    let views = entities::views_of(entity);
    let found = views.iter().find(|view| text::fold(view.name) == text::fold(given));
    found.ok_or_else(|| {
        if views.is_empty() {
            return anyhow!("{} have no views", entity.plural);
        }
        let names = views.iter().map(|view| view.name);
        anyhow!("{} have no view “{given}”; {}", entity.plural, proposed(given, names))
    })
}

/// The names that come near the one that was given, or else all: `do you mean Users?`.
fn proposed(given: &str, names: impl Iterator<Item = &'static str>) -> String {
    let given = text::fold(given.trim());
    let names: Vec<&str> = names.collect();
    let distance = |name: &str| {
        let name = text::fold(name);
        if !given.is_empty() && name.contains(&given) { 0 } else { strsim::osa_distance(&given, &name) }
    };
    let mut near: Vec<(usize, &str)> = names.iter().map(|name| (distance(name), *name)).collect();
    near.retain(|(distance, _)| *distance <= MOST_ERRORS.min(given.len() / 2));
    near.sort_by_key(|(distance, _)| *distance);
    near.truncate(MOST_PROPOSED);
    match &near[..] {
        [] => format!("there are: {}", names.join(", ")),
        near => {
            format!("do you mean {}?", near.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" or "))
        }
    }
}
