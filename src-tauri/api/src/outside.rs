//! Getting in from outside: which runbook an address means, and which of its values fill a parameter. It shows; it never
//! runs, and never changes anything.

use access::Invitation;

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::{Nothing, PathArgument},
    wire::{LeftOut, News, OutsideAddress, OutsideRunbook, OutsideView},
};

impl App {
    /// Takes an address that the desktop passed on, until the page asks for it. Of several the newest counts.
    pub fn outside_arrived(&self, address: &str) {
        *lock(&self.outside) = Some(address.to_owned());
        self.news.tell(&News::Outside);
    }

    /// The address that arrived last and has not been shown, as it is shown; none where there is none.
    ///
    /// # Errors
    /// As [`App::outside_look`] says. It is not shown again.
    pub fn outside_next(&self, _: Nothing) -> Result<Option<OutsideView>, ApiError> {
        let next = lock(&self.outside).take();
        next.map(|address| self.outside_look(OutsideAddress { address })).transpose()
    }

    /// What an address from outside would have shown.
    ///
    /// # Errors
    /// When it asks for something else than a runbook, leads out of the library, or nothing there is called so.
    pub fn outside_look(&self, argument: OutsideAddress) -> Result<OutsideView, ApiError> {
        let invitation = Invitation::parse(&argument.address)
            .map_err(|refusal| ApiError::new(ErrorCode::BadInput, refusal.to_string()))?;
        let meant = self.store.runbooks_meant(&invitation.runbook)?;
        if meant.is_empty() {
            let message = format!(
                "No runbook of the library is called \"{}\": add the folder that it is in, or look for it in the list.",
                invitation.runbook
            );
            return Err(ApiError::new(ErrorCode::NotFound, message));
        }
        let mut runbooks = Vec::new();
        for row in meant {
            let view = self.runbook(PathArgument { path: row.file.display().to_string() })?;
            let mut found = OutsideRunbook {
                path: view.path,
                title: view.title,
                relative: view.relative,
                values: std::collections::BTreeMap::new(),
                left_out: Vec::new(),
            };
            for (name, value) in &invitation.values {
                let why = match view.params.iter().find(|param| param.name == *name) {
                    None => "the runbook has no such parameter",
                    Some(param) if param.secret => "it is a secret, which no address may carry",
                    Some(_) if value.chars().any(char::is_control) => "it holds a character that cannot be seen",
                    Some(_) => {
                        found.values.insert(name.clone(), value.clone());
                        continue;
                    }
                };
                let name = name.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
                found.left_out.push(LeftOut { name, why: why.to_owned() });
            }
            runbooks.push(found);
        }
        Ok(OutsideView { asked: invitation.runbook, runbooks })
    }
}
