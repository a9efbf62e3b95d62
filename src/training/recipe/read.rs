//! Recipes as files, checked.

use std::fs;
use std::path::Path;

use super::{Recipe, UnlabeledUse, ValidationConfig};
use crate::datasets::validation::ValidationSet;
use crate::training::{TrainingError, material};

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// [`TrainingError::Recipe`] with the place in the file.
    pub fn read(path: &Path) -> Result<Self, TrainingError> {
        let text = fs::read_to_string(path).map_err(TrainingError::io(path))?;
        let recipe: Self = toml::from_str(&text).map_err(|error| TrainingError::Recipe {
            path: path.to_owned(),
            reason: place_and_message(&text, &error),
        })?;
        recipe.check().map_err(|reason| TrainingError::Recipe {
            path: path.to_owned(),
            reason,
        })?;
        Ok(recipe)
    }

    /// Checks what the file's shape does not show.
    fn check(&self) -> Result<(), String> {
        self.check_numbers()?;
        self.remix.validate().map_err(|error| error.to_string())?;
        let network = self.network.config().check();
        network.map_err(|error| with_nearest(error.to_string()))?;
        material::check(&self.data)?;
        self.check_semi_supervision()?;
        self.validation.check()
    }

    /// Checks what is made of unlabeled songs and of a teacher.
    fn check_semi_supervision(&self) -> Result<(), String> {
        let maps = self.network.settings.get("maps");
        let has_maps = maps.and_then(toml::Value::as_integer) == Some(4);
        if (self.teacher.is_some() || self.selection.is_some()) && !has_maps {
            return Err("`teacher` and `selection` need a network with `maps = 4`".into());
        }
        if self.partials.is_empty()
            || self
                .partials
                .iter()
                .any(|partial| !(2..=3).contains(partial))
        {
            return Err(format!(
                "`partials` is {:?}; expected [2] or [2, 3]",
                self.partials
            ));
        }
        let selects = self.unlabeled.as_ref().map(|unlabeled| unlabeled.by);
        let selects = selects == Some(UnlabeledUse::Selection);
        match &self.selection {
            Some(_) if !selects => {
                Err("`selection` needs `unlabeled` with `by = \"selection\"`".into())
            }
            None if selects => Err("`unlabeled` by selection needs a table `selection`".into()),
            Some(selection) if !self.validation.every.is_multiple_of(selection.every.max(1)) => {
                Err("`validation.every` is no multiple of `selection.every`".into())
            }
            _ => Ok(()),
        }
    }

    fn check_numbers(&self) -> Result<(), String> {
        let at_least_one = [
            ("excerpts.count", self.excerpts.count),
            ("optimizer.batch", self.optimizer.batch),
            ("optimizer.frames", self.optimizer.frames),
            ("validation.every", self.validation.every),
        ];
        let unlabeled = self.unlabeled.iter();
        let unlabeled = unlabeled.flat_map(|unlabeled| {
            [
                ("unlabeled.count", unlabeled.count),
                ("unlabeled.batch", unlabeled.batch),
            ]
        });
        let selection = self.selection.iter();
        let selection = selection.map(|selection| ("selection.every", selection.every));
        let sets = self.validation.sets.values();
        let sets = sets.map(|&step| ("validation.sets", step));
        let all = at_least_one
            .into_iter()
            .chain(unlabeled)
            .chain(selection)
            .chain(sets);
        if let Some((name, _)) = all.into_iter().find(|(_, value)| *value == 0) {
            return Err(format!("`{name}` is 0; expected 1 or more"));
        }
        let shares = [
            ("excerpts.recorded_share", self.excerpts.recorded_share),
            ("optimizer.begun_share", self.optimizer.begun_share),
        ];
        let wrong = shares
            .iter()
            .find(|(_, share)| !(0.0..=1.0).contains(share));
        match wrong {
            Some((name, share)) => Err(format!("`{name}` is {share}; expected 0 to 1")),
            None => Ok(()),
        }
    }
}

impl ValidationConfig {
    /// Checks that sets exist, and that those which something follows from are scored.
    fn check(&self) -> Result<(), String> {
        for name in self.sets.keys() {
            ValidationSet::named(name).map_err(|error| error.to_string())?;
        }
        let calibration = self.calibration.iter();
        let calibration = calibration.flat_map(|sets| [&sets.clear, &sets.buried]);
        let mut needed = [&self.choose_by.set].into_iter().chain(calibration);
        match needed.find(|name| !self.sets.contains_key(*name)) {
            Some(name) => Err(format!(
                "`validation` chooses or calibrates by {name}, which is none of `validation.sets`"
            )),
            None => Ok(()),
        }
    }
}

/// What a parser says of an unknown name, with the known name that is most like it.
fn with_nearest(message: String) -> String {
    let Some((_, names)) = message.split_once("unknown ") else {
        return message;
    };
    let quoted: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
    let [unknown, known @ ..] = &quoted[..] else {
        return message;
    };
    let likeness = |name: &&&str| (1000.0 * strsim::jaro_winkler(unknown, name)) as u32;
    match known.iter().max_by_key(likeness) {
        Some(nearest) => format!("{message}; did you mean `{nearest}`?"),
        None => message,
    }
}

/// One sentence of what a parser says, with the line it is about.
fn place_and_message(text: &str, error: &toml::de::Error) -> String {
    let message = with_nearest(error.message().trim().replace('\n', "; "));
    match error.span() {
        Some(span) => {
            let line = 1 + text[..span.start].matches('\n').count();
            format!("line {line}: {message}")
        }
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const PITCH: &str = include_str!("../../../recipes/msnet-hs-first.toml");

    /// Every recipe of the source tree.
    fn shipped() -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let models = fs::read_dir(root.join("models")).unwrap();
        let beside_weights = models.map(|entry| entry.unwrap().path().join("recipe.toml"));
        let alone = walkdir::WalkDir::new(root.join("recipes")).into_iter();
        let alone = alone.map(|entry| entry.unwrap().into_path());
        beside_weights
            .chain(alone)
            .filter(|path| path.is_file())
            .collect()
    }

    fn read(text: &str) -> Result<Recipe, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recipe.toml");
        fs::write(&path, text).unwrap();
        Recipe::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn shipped_recipes_are_read_and_hold_no_paths() {
        let shipped = shipped();
        assert!(shipped.len() >= 2);
        for path in shipped {
            let recipe = Recipe::read(&path).unwrap();
            recipe.network.config().check().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                recipe
                    .validation
                    .sets
                    .contains_key(&recipe.validation.choose_by.set)
            );
            assert!(!text.contains("/usr/") && !text.contains("/home/"));
        }
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let wrong = PITCH.replacen("weight_decay", "weight_decline", 1);
        let line = 1 + wrong.lines().position(|l| l.contains("decline")).unwrap();
        let error = read(&wrong).unwrap_err();
        let place = format!("recipe.toml: line {line}: ");
        assert!(
            error.contains(&place)
                && error.contains("weight_decline")
                && error.ends_with("did you mean `weight_decay`?"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }

    #[test]
    fn a_value_that_nothing_can_be_made_of_is_named() {
        let wrong = PITCH.replacen("every = 1000", "every = 0", 1);
        let error = read(&wrong).unwrap_err();
        assert!(error.contains("validation.every"), "{error}");
    }

    #[test]
    fn names_that_nothing_has_are_told_with_those_there_are() {
        for (right, wrong, hint) in [
            ("\"mir1k\", \"pjs\"", "\"mir2k\", \"pjs\"", "mir1k"),
            ("\"mir1k\", \"pjs\"", "\"jamendolyrics\"", "neither voices"),
            ("name = \"msnet\"", "name = \"msnot\"", "msnot"),
            ("maps = 4", "mapps = 4", "did you mean `maps`?"),
            ("\"mir1k\" = 4", "\"mir1k@3dB\" = 4", "mir1k@-5dB"),
            ("set = \"mir1k\"", "set = \"jamendolyrics\"", "none of"),
            ("measure = \"RPA\"", "measure = \"APR\"", "line"),
        ] {
            let changed = PITCH.replacen(right, wrong, 1);
            assert_ne!(changed, PITCH, "{right}");
            let error = read(&changed).unwrap_err();
            assert!(
                error.contains("recipe.toml") && error.contains(hint),
                "{error}"
            );
        }
    }

    #[test]
    fn the_rate_rises_for_a_tenth_and_falls() {
        let recipe = read(PITCH).unwrap();
        let steps = recipe.optimizer.steps;
        let peak = recipe.optimizer.peak_rate;
        assert!((recipe.rate(steps / 10) - peak).abs() < 1e-3 * peak);
        assert!(recipe.rate(0) < 0.01 * peak && recipe.rate(steps) < 0.01 * peak);
    }
}
