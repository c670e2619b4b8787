//! Phones and cards that are laid on the simulated reader.

/// What an application on a phone does.
#[derive(Clone, PartialEq, Eq)]
pub enum Application {
    /// It answers SELECT with this.
    Answers(Vec<u8>),
    /// It has a file that READ BINARY gives.
    HasFile(Vec<u8>),
    /// It answers SELECT with 61xx, so that GET RESPONSE has to fetch this.
    KeepsBack(Vec<u8>),
    /// It has a file, and insists on being asked for exactly its length.
    Insists(Vec<u8>),
    /// It answers everything with this status word.
    Refuses([u8; 2]),
    /// It never answers.
    Sleeps,
}

impl std::fmt::Debug for Application {
    /// Says how it answers, never what (I17).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Application::Answers(_) => "Answers",
            Application::HasFile(_) => "HasFile",
            Application::KeepsBack(_) => "KeepsBack",
            Application::Insists(_) => "Insists",
            Application::Refuses(_) => "Refuses",
            Application::Sleeps => "Sleeps",
        })
    }
}

/// Something that can be laid on the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A phone with applications by their identifiers.
    Phone {
        /// The applications.
        applications: Vec<(Vec<u8>, Application)>,
        /// The one that is selected.
        selected: Option<usize>,
    },
    /// A card that takes no APDUs, such as a MIFARE Classic.
    PlainCard,
}

impl Target {
    /// A phone with one application.
    pub fn phone(aid: &[u8], application: Application) -> Target {
        Target::Phone { applications: vec![(aid.to_vec(), application)], selected: None }
    }

    /// A phone whose application answers SELECT with this token.
    pub fn with_token(aid: &[u8], token: &str) -> Target {
        Target::phone(aid, Application::Answers(token.as_bytes().to_vec()))
    }

    /// SENS_RES, SEL_RES, the UID's length, the UID, and an ATS where there is one (§7.3.5).
    pub(super) fn listed(&self) -> Vec<u8> {
        match self {
            // A phone's UID begins with 08: random.
            Target::Phone { .. } => {
                vec![0x00, 0x04, 0x20, 0x04, 0x08, 0x3B, 0x9A, 0x51, 0x05, 0x78, 0x80, 0x70, 0x02]
            }
            Target::PlainCard => vec![0x00, 0x04, 0x08, 0x04, 0x5E, 0x11, 0xA2, 0x07],
        }
    }

    /// What it answers, if it does.
    pub(super) fn answer(&mut self, apdu: &[u8]) -> Option<Vec<u8>> {
        let Target::Phone { applications, selected } = self else { return None };
        if let [0x00, 0xA4, 0x04, 0x00, len, rest @ ..] = apdu {
            let aid = rest.get(..usize::from(*len)).unwrap_or(rest);
            *selected = applications.iter().position(|(known, _)| known == aid);
        }
        let Some((_, application)) = selected.and_then(|at| applications.get(at)) else {
            return Some(vec![0x6A, 0x82]);
        };
        let word = |data: &[u8], word: [u8; 2]| Some([data, &word].concat());
        let is_select = apdu.get(1) == Some(&0xA4);
        let length = |data: &[u8]| u8::try_from(data.len()).unwrap_or(0);
        match (application, apdu) {
            (Application::Sleeps, _) => None,
            (Application::Refuses(refusal), _) => word(&[], *refusal),
            (Application::Answers(data), _) if is_select => word(data, [0x90, 0x00]),
            (Application::KeepsBack(data), [0x00, 0xC0, ..]) => word(data, [0x90, 0x00]),
            (Application::KeepsBack(data), _) if is_select => word(&[], [0x61, length(data)]),
            (Application::HasFile(_) | Application::Insists(_), _) if is_select => {
                word(&[], [0x90, 0x00])
            }
            (Application::HasFile(data), [0x00, 0xB0, 0x00, 0x00, _]) => word(data, [0x90, 0x00]),
            (Application::Insists(data), [0x00, 0xB0, 0x00, 0x00, le]) => {
                let right = length(data);
                if *le == right { word(data, [0x90, 0x00]) } else { word(&[], [0x6C, right]) }
            }
            _ => word(&[], [0x6D, 0x00]),
        }
    }
}
