//! Which fields and panels a form shows, and in which order: the entity's layout, or the operator's.

use std::collections::BTreeMap;

use crate::domain::entities;
use crate::domain::model::schema::{EntityDef, FieldDef, Panel};

/// Marks in a saved layout where the right column begins.
const RIGHT: &str = "(right column)";

/// The layout of a form.
#[derive(Clone)]
pub struct FormLayout {
    /// The fields of the left and the right column.
    pub columns: [Vec<&'static FieldDef>; 2],
    /// Every panel, and whether it is shown.
    pub panels: Vec<(&'static Panel, bool)>,
}

impl FormLayout {
    /// The operator's layout of an entity's form, or the entity's own. What a saved layout does not know, such as a
    /// field that is new in this version, is shown where the entity has it.
    pub fn of(entity: &'static EntityDef, kept: &BTreeMap<String, Vec<String>>) -> Self {
        let items = match kept.get(&key(entity)) {
            Some(kept) => complete(read(kept), entity),
            None => first_items(entity),
        };
        let mut columns = [Vec::new(), Vec::new()];
        let mut panels = Vec::new();
        let mut column = 0;
        for (name, shown) in &items {
            if name == RIGHT {
                column = 1;
            } else if let Some(panel) = entities::panels_of(entity).iter().find(|panel| panel.title() == name)
            {
                panels.push((*panel, *shown));
            } else if let Some(field) = entity.field(name).filter(|_| *shown) {
                columns[column].push(field);
            }
        }
        Self { columns, panels }
    }

    /// The items of Customize form: fields by property, the mark of the right column, panels by title.
    pub fn items(entity: &'static EntityDef, kept: &BTreeMap<String, Vec<String>>) -> Vec<(String, bool)> {
        kept.get(&key(entity)).map_or_else(|| first_items(entity), |kept| complete(read(kept), entity))
    }
}

/// The name under which the layout of an entity's form is saved.
pub fn key(entity: &EntityDef) -> String {
    format!("form {}", entity.set)
}

/// The name of an item on screen.
pub fn label(entity: &EntityDef, item: &str) -> String {
    match entity.field(item) {
        Some(field) => field.label.to_owned(),
        None if item == RIGHT => "──── right column".to_owned(),
        None => format!("▤ {item} panel"),
    }
}

/// Whether an item can be hidden: the mark of the right column only moves.
pub fn can_hide(item: &str) -> bool {
    item != RIGHT
}

/// The items as they are saved: `+` or `-`, and the name.
pub fn kept(items: &[(String, bool)]) -> Vec<String> {
    items.iter().map(|(name, shown)| format!("{}{name}", if *shown { '+' } else { '-' })).collect()
}

fn read(kept: &[String]) -> Vec<(String, bool)> {
    let item = |line: &String| {
        let shown = line.starts_with('+');
        line.strip_prefix(['+', '-']).map(|name| (name.to_owned(), shown))
    };
    kept.iter().filter_map(item).collect()
}

fn first_items(entity: &EntityDef) -> Vec<(String, bool)> {
    let [left, right] = entity.form;
    let field = |field: &&FieldDef| (field.property.to_owned(), true);
    let mut items: Vec<(String, bool)> = left.iter().map(field).collect();
    items.push((RIGHT.to_owned(), true));
    items.extend(right.iter().map(field));
    items.extend(
        entities::panels_of(entity).iter().map(|panel| (panel.title().to_owned(), panel.shown_at_first())),
    );
    items
}

/// Adds missing items, each behind the one that precedes it in the entity's own order.
fn complete(mut items: Vec<(String, bool)>, entity: &EntityDef) -> Vec<(String, bool)> {
    let own = first_items(entity);
    items.retain(|(name, _)| own.iter().any(|(known, _)| known == name));
    for (index, item) in own.iter().enumerate() {
        if !items.iter().any(|(name, _)| *name == item.0) {
            let before = index
                .checked_sub(1)
                .and_then(|before| items.iter().position(|(name, _)| *name == own[before].0));
            items.insert(before.map_or(0, |before| before + 1), item.clone());
        }
    }
    items
}
