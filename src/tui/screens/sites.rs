//! Choosing the Client Center site at which users are judged.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::SiteChoice;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_choices};

/// The sites; `None` until they are read.
pub struct Sites {
    sites: Option<Vec<SiteChoice>>,
    chosen: Chosen,
}

impl Sites {
    /// Opens the list, and asks for the sites.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Sites, back_office::Sites {}, Self::read);
        Self { sites: None, chosen: Chosen::default() }
    }

    fn sites(&self) -> &[SiteChoice] {
        self.sites.as_deref().unwrap_or_default()
    }

    fn read(&mut self, sites: Result<Vec<SiteChoice>, ServiceError>, cx: &mut Cx<'_>) {
        match sites {
            Ok(sites) => self.take(sites, cx),
            Err(error) => {
                cx.say(Tone::Bad, error.to_string());
                cx.push(Effect::Pop(Outcome::Cancelled));
            }
        }
    }

    /// Takes the sites. Active ones come first; the cursor begins at the current one.
    fn take(&mut self, mut sites: Vec<SiteChoice>, cx: &Cx<'_>) {
        sites.sort_by_key(|choice| !choice.active);
        let current = sites.iter().position(|choice| Some(&choice.site) == cx.who.site());
        self.chosen.at = current.unwrap_or(0);
        self.sites = Some(sites);
    }
}

/// `cc  KK Ltd.`
fn line_of(choice: &SiteChoice) -> String {
    let company =
        choice.enterprise_company.as_ref().map_or("no enterprise company", |company| &company.shown);
    let state = if choice.active { "" } else { "  inactive" };
    format!("{}  {company}{state}", choice.site.shown)
}

impl Component for Sites {
    fn title(&self) -> String {
        "Switch site".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(
            Command::of(Action::Open)
                .labelled("Choose")
                .only_if(!self.sites().is_empty(), "There is no site."),
        );
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn takes_now(&self, event: &Event, _awaited: &Awaited<'_>) -> bool {
        self.sites.is_some() || matches!(event, Event::Command(Action::Back))
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => {
                cx.effects.extend(self.sites().get(self.chosen.at).cloned().map(Effect::AtSite));
                cx.push(Effect::Pop(Outcome::Cancelled));
            }
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) => {
                let length = self.sites().len();
                self.chosen.key(&key, length, |_| true);
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let lines: Vec<String> = match &self.sites {
            None => vec!["reading…".to_owned()],
            Some(sites) if sites.is_empty() => vec!["There is no Client Center site.".to_owned()],
            Some(sites) => sites.iter().map(line_of).collect(),
        };
        let edge = Edge { title: "Switch site", keys: "↑↓ Enter Esc" };
        draw_choices(frame, area, edge, &lines, &mut self.chosen, cx);
    }
}
