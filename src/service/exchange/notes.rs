//! What applying an object gives besides its result: what is said of it, and what follows from it.

use uuid::Uuid;

use crate::domain::model::record::Origin;
use crate::domain::model::value::RecordId;
use crate::service::exchange::object::Incoming;
use crate::service::exchange::properties::Properties;

/// Whether an object stands in the input by itself or inside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// By itself.
    Top,
    /// Inside another one, by whose result it is told.
    Nested,
}

/// What is noted of an object and of the nested ones that are written with it.
#[derive(Default)]
pub(super) struct Notes {
    /// Sentences for the report.
    pub remarks: Vec<String>,
    /// Ids of objects that their records do not keep, each with the id of the record.
    pub other_ids: Vec<(RecordId, RecordId)>,
    /// The records of child collections, as objects of their own.
    pub children: Vec<Properties>,
}

impl Notes {
    /// Notes an object that is written to the record with this id.
    pub(super) fn written(&mut self, object: &Incoming, record: RecordId, depth: Depth) {
        for remark in object.remarks() {
            self.remark(object, depth, &remark);
        }
        let set = object.entity.set;
        self.children.extend(object.children.iter().map(|child| child.to_properties(set, record)));
    }

    /// Notes the id of an object that is another than its record has, where the record does not keep it as its external id.
    pub(super) fn found(&mut self, object: &Incoming, record: RecordId, origin: &Origin, depth: Depth) {
        let Some(own) = object.id.filter(|own| *own != record) else { return };
        let kept = origin.external_id.as_deref();
        if kept == Some(&own.to_string()) {
            if let Some(external) = object.external_id.as_deref().filter(|external| kept != Some(external)) {
                let remark = format!("Its external id {external} was left out, as its own id stands there.");
                self.remark(object, depth, &remark);
            }
            return;
        }
        self.other_ids.push((own, record));
        let set = object.entity.set;
        let because = kept.map_or_else(String::new, |kept| format!(", whose external id stays {kept}"));
        let remark = format!(
            "It is {set}({record}){because}; references to its own id find that in this file, and not in later ones."
        );
        self.remark(object, depth, &remark);
    }

    /// Notes that the external id of a record was replaced which an object had left there as its own id.
    pub(super) fn replaced(
        &mut self,
        object: &Incoming,
        record: RecordId,
        (before, after): (&Origin, &Origin),
        depth: Depth,
    ) {
        let Some(left) = before.external_id.as_deref().and_then(|id| Uuid::try_parse(id).ok()) else {
            return;
        };
        if before.external_id != after.external_id {
            self.other_ids.push((RecordId(left), record));
            let remark = format!(
                "Its external id was {left}; references to that find it in this file, and not in later ones."
            );
            self.remark(object, depth, &remark);
        }
    }

    fn remark(&mut self, object: &Incoming, depth: Depth, remark: &str) {
        self.remarks.push(if depth == Depth::Nested {
            format!("{}: {remark}", object.described())
        } else {
            remark.to_owned()
        });
    }
}
