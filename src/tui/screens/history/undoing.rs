//! The steps of an undo in the console: what it would do is asked for and shown, the operator confirms it, and where an
//! owner's access changes gives a reason; then it is done.

use crate::domain::model::history::Undoes;
use crate::domain::rules::Issue;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::undo::Undone;
use crate::tui::component::{Component, Cx};
use crate::tui::message::{AskScreen, Effect, Outcome, Question, Screen, Slot, Tone};
use crate::tui::screens::row_action::LONGEST_REASON;

/// The most steps that the question names one by one.
const MOST_STEPS: usize = 8;

/// How far an undo has come.
#[derive(Debug, Default)]
pub enum Undoing {
    /// Nothing is undone.
    #[default]
    Idle,
    /// The operator is asked whether to do it, for this reason where one is needed.
    Asked(Undoes, Option<String>),
    /// The operator is asked for the reason.
    WantsReason(Undoes),
}

/// A screen in which something can be undone.
pub trait CanUndo: Component + Sized {
    /// How far its undo has come.
    fn undoing(&mut self) -> &mut Undoing;

    /// Called when something was undone.
    fn was_undone(&mut self, cx: &mut Cx<'_>);

    /// Asks what an undo would do.
    fn plan_undo(&mut self, undoes: Undoes, reason: Option<String>, cx: &mut Cx<'_>) {
        *self.undoing() = Undoing::Idle;
        let question = back_office::PlanUndo { undoes, reason: reason.clone() };
        cx.ask(Slot::Preview, question, move |asker: &mut Self, plan, cx| {
            asker.planned(undoes, reason, plan, cx);
        });
    }

    /// Takes the answer about what an undo would do.
    fn planned(
        &mut self,
        undoes: Undoes,
        reason: Option<String>,
        plan: Result<Undone, ServiceError>,
        cx: &mut Cx<'_>,
    ) {
        match plan {
            Ok(plan) => {
                *self.undoing() = Undoing::Asked(undoes, reason);
                cx.push(Effect::Push(Screen::Question(question_of(plan))));
            }
            Err(ServiceError::Invalid(issues)) if issues.iter().any(Issue::needs_reason) => {
                *self.undoing() = Undoing::WantsReason(undoes);
                let sentences: Vec<String> = issues.into_iter().map(|issue| issue.message).collect();
                cx.push(Effect::Push(Screen::Ask(AskScreen {
                    title: "Undo".to_owned(),
                    question: format!("{} Why is it undone?", sentences.join(" ")),
                    most: LONGEST_REASON,
                })));
            }
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    /// Takes what the layer above was closed with. Returns whether it was an answer about the undo.
    fn undo_answered(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) -> bool {
        match (std::mem::take(self.undoing()), outcome) {
            (Undoing::Asked(undoes, reason), Outcome::Answer(1)) => {
                let question = back_office::Undo { undoes, confirmed: true, reason };
                cx.ask(Slot::Write, question, |asker: &mut Self, done, cx| match done {
                    Ok(done) => {
                        cx.say(Tone::Good, format!("{}.", done.purpose));
                        asker.was_undone(cx);
                    }
                    Err(error) => cx.say(Tone::Bad, error.to_string()),
                });
            }
            (Undoing::WantsReason(undoes), Outcome::Words(reason)) => {
                self.plan_undo(undoes, Some(reason.clone()), cx);
            }
            (Undoing::Idle, _) => return false,
            (Undoing::Asked(..) | Undoing::WantsReason(_), _) => {}
        }
        true
    }
}

/// The question whether to do what a plan says.
fn question_of(plan: Undone) -> Question {
    let more = plan.steps.len().saturating_sub(MOST_STEPS);
    let mut lines: Vec<String> = plan.steps.into_iter().take(MOST_STEPS).collect();
    if more > 0 {
        lines.push(format!("and {more} more steps"));
    }
    lines.extend(plan.questions);
    let answers = [('l', "Leave it as it is"), ('u', "Undo it")];
    let answers = answers.map(|(letter, label)| (letter, label.to_owned())).to_vec();
    Question { title: plan.purpose, lines, answers }
}
