//! Preview: exactly what one addressee would get.

use std::path::Path;

use super::{Desk, DeskError, Understood, compose_for::recipient};
use crate::{
    addressees::Address,
    circular::{FileName, Language, largest_file},
    compose::{ComposeError, DeliveryKey, EncodedAnnex, MessageHead, Rendered, Role, compose, content_type},
    folders::{read_regular, scan},
    ledger::MemberRow,
};

/// Which part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// text/plain
    Text,
    /// text/html
    Html,
    /// The whole message as it goes over the wire.
    Eml,
}

/// A previewed message.
#[derive(Debug, Clone)]
pub struct Previewed {
    /// The addressee.
    pub address: String,
    /// The group whose row gives the fields.
    pub group: String,
    /// The file it is composed from.
    pub file: String,
    /// The part asked for.
    pub octets: Vec<u8>,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// Ours.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] crate::ledger::LedgerError),
    /// The letter cannot be composed; `check` says why.
    #[error("{0}")]
    Parked(String),
    /// Nobody of that address is reached.
    #[error("{address} is in none of the letter's groups ({groups}); `circulard groups` lists who is")]
    NotAddressed {
        /// As asked.
        address: String,
        /// The letter's groups.
        groups: String,
    },
    /// The addressee's own data stand against it.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// Names and octets of the files of one circular.
pub type Files = Vec<(String, Vec<u8>)>;

/// The stem, name and octets of a file and of its versions in other languages beside it.
pub fn read_with_versions(file: &Path) -> Result<(String, Files), String> {
    let read = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        read_regular(path, largest_file(&name)).map_err(|refusal| refusal.to_string())
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = vec![(name.clone(), read(file)?)];
    let FileName::Letter { stem, .. } = FileName::parse(&name) else { return Ok((name, files)) };
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    for seen in scan(folder).map_err(|error| error.to_string())?.files {
        let same_stem = matches!(FileName::parse(&seen.name), FileName::Letter { stem: of, .. } if of == stem);
        if same_stem && seen.name != name {
            files.push((seen.name.clone(), read(&seen.path)?));
        }
    }
    Ok((stem, files))
}

/// Composes what `address` would get, or, without one, the first addressee of the letter.
pub async fn preview(
    desk: &Desk,
    understood: &Understood,
    address: Option<&Address>,
    part: Part,
) -> Result<Previewed, PreviewError> {
    if let Some((file, problem)) = understood.first_error() {
        return Err(PreviewError::Parked(problem.located(file)));
    }
    let (member, role) = find(desk, understood, address).await?;
    let languages = understood.versions.iter().map(|version| version.letter.language);
    let language = choose(&member.languages, languages);
    let version = understood.versions.iter().find(|version| Some(version.letter.language) == language);
    let Some((version, rendered)) = version.and_then(|version| Some((version, version.rendered.as_ref()?))) else {
        return Err(PreviewError::Parked(format!("{} cannot be composed", understood.stem)));
    };
    let recipient = recipient(&member.address, member.name.as_deref(), role, &member.fields);
    let octets = match part {
        Part::Text => rendered.preview_text(&recipient)?.into_bytes(),
        Part::Html => rendered.preview_html(&recipient)?.into_bytes(),
        Part::Eml => {
            let thread = match (&understood.parent, Address::parse(&member.address)) {
                (Some(parent), Ok(address)) => desk.ledger.thread_of(parent.id, &address.mailbox()).await?,
                _ => None,
            };
            whole(desk, understood, rendered, &member, (role, thread.as_deref()))?
        }
    };
    Ok(Previewed { address: member.address, group: member.group, file: version.file.clone(), octets })
}

pub(super) async fn find(
    desk: &Desk,
    understood: &Understood,
    address: Option<&Address>,
) -> Result<(MemberRow, Role), PreviewError> {
    let mailbox = address.map(Address::mailbox);
    let reach = &understood.reach;
    if let Some(parent) = reach.parent {
        let excluded = desk.lists.excluded(reach, desk.today()).await?;
        if let Some(found) = desk.ledger.addressee_of(parent, &excluded, mailbox.as_ref()).await? {
            return Ok(found);
        }
    }
    let only = |to: bool| crate::ledger::Reach {
        to: if to { reach.to.clone() } else { Vec::new() },
        copy: if to { Vec::new() } else { reach.copy.clone() },
        ..reach.clone()
    };
    for (role, part) in [(Role::To, only(true)), (Role::Copy, only(false))] {
        if let Some(member) = desk.lists.member(&part, mailbox.as_ref(), desk.today()).await? {
            return Ok((member, role));
        }
    }
    if let Some(mailbox) = &mailbox
        && let Some((member, copy)) = desk.lists.office_copy(reach, mailbox, desk.today()).await?
    {
        let group = format!("a copy of the letter to {}", super::listed(&copy.offices));
        return Ok((MemberRow { group, ..member }, Role::Copy));
    }
    let groups: Vec<&str> = reach.to.iter().chain(&reach.copy).map(|selection| selection.group.as_str()).collect();
    Err(PreviewError::NotAddressed {
        address: address.map_or_else(|| "anybody".to_owned(), |address| address.as_str().to_owned()),
        groups: if reach.parent.is_some() { "those of its parent".to_owned() } else { groups.join(", ") },
    })
}

/// The first of the addressee's languages that there is a version in, else the original's.
pub(super) fn choose(preferred: &[String], mut there: impl Iterator<Item = Language> + Clone) -> Option<Language> {
    let wanted = preferred.iter().find_map(|code| there.clone().find(|language| language.code() == code));
    wanted.or_else(|| there.next())
}

fn whole(
    desk: &Desk,
    understood: &Understood,
    rendered: &Rendered,
    member: &MemberRow,
    (role, references): (Role, Option<&str>),
) -> Result<Vec<u8>, ComposeError> {
    let head: MessageHead = super::freeze::message_head(desk, understood);
    let recipient = recipient(&member.address, member.name.as_deref(), role, &member.fields);
    // a number that no delivery has: the preview's Message-ID is nobody's
    let key = DeliveryKey { key: desk.ledger.message_key(), circular: "preview", issue: 0, delivery: 0, references };
    compose(rendered, &head, &key, &recipient, &encoded_annexes(understood)?).map(|composed| composed.octets)
}

/// The files that go with the letter, as they go into a message.
pub(super) fn encoded_annexes(understood: &Understood) -> Result<Vec<EncodedAnnex>, ComposeError> {
    let encode = |annex: &super::annexes::Annex| {
        EncodedAnnex::new(&annex.name, &content_type(&annex.name, &annex.octets), &annex.octets)
    };
    understood.annexes.iter().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addressees_order_of_languages_decides_and_the_original_is_the_fallback() {
        let there = [Language::EN, Language::FR];
        let table = [
            (vec!["fr", "en"], Language::FR),
            (vec!["ar", "fr"], Language::FR),
            (vec!["ru"], Language::EN),
            (vec![], Language::EN),
        ];
        for (preferred, chosen) in table {
            let preferred: Vec<String> = preferred.into_iter().map(str::to_owned).collect();
            assert_eq!(choose(&preferred, there.into_iter()), Some(chosen), "{preferred:?}");
        }
    }
}
