//! The settings of a single file: the options, as the rules for its path change them.

use std::collections::BTreeSet;

use worker_pack_runtime::{Behaviour, Coding};

use super::{CachePolicy, ContentType, MinifiedLanguage, Options, PathPattern, PathRule, Publish};
use crate::asset::route::RoutePath;

/// The settings of a file, decided once when it is found. For each setting the last rule counts that
/// matches the path and has it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) minify: Minify,
    pub(crate) encodings: BTreeSet<Coding>,
    pub(crate) publish: Publishing,
    /// `None` for the default of the file.
    pub(crate) cache: Option<CachePolicy>,
    /// `None` if the type follows from the file.
    pub(crate) content_type: Option<ContentType>,
    /// The rules that match, by their numbers in the options.
    pub(crate) rules: Vec<usize>,
}

/// The languages that are minified in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Minify {
    /// Those of the option.
    ByOption(BTreeSet<MinifiedLanguage>),
    /// Those of a rule.
    ByRule(BTreeSet<MinifiedLanguage>),
}

/// The decision of the rules on publishing a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Publishing {
    /// No rule decides.
    Usual,
    /// Rules publish it, by these patterns.
    Public(Vec<PathPattern>),
    /// A rule leaves it out.
    LeftOut,
}

impl Minify {
    /// Returns whether a language is minified.
    pub(crate) fn has(&self, language: MinifiedLanguage) -> bool {
        let (Self::ByOption(languages) | Self::ByRule(languages)) = self;
        languages.contains(&language)
    }

    /// Returns whether a rule keeps every byte of the file.
    pub(crate) fn is_off_by_rule(&self) -> bool {
        matches!(self, Self::ByRule(languages) if languages.is_empty())
    }
}

impl Publishing {
    /// Adds the patterns of a rule that publishes the file. One of them may contain its very path.
    fn add(&mut self, patterns: &[&PathPattern]) {
        let patterns = patterns.iter().copied().cloned();
        match self {
            Self::Public(all) => all.extend(patterns),
            Self::Usual | Self::LeftOut => *self = Self::Public(patterns.collect()),
        }
    }
}

impl Settings {
    /// Returns the settings of files that no rule matches.
    pub(crate) fn usual(options: &Options) -> Self {
        Self {
            minify: Minify::ByOption(options.minify.clone()),
            encodings: options.encodings.clone(),
            publish: Publishing::Usual,
            cache: None,
            content_type: None,
            rules: Vec::new(),
        }
    }

    /// Returns the settings of a file of a site with the given behaviour.
    pub(crate) fn of(options: &Options, route: &RoutePath, behaviour: Behaviour) -> Self {
        let mut settings = Self::usual(options);
        for (number, rule) in options.rule.iter().enumerate() {
            let matching = rule.paths.iter().filter(|pattern| pattern.matches(route, behaviour));
            let matching: Vec<&PathPattern> = matching.collect();
            if !matching.is_empty() {
                settings.apply(rule, &matching);
                settings.rules.push(number);
            }
        }
        settings
    }

    fn apply(&mut self, rule: &PathRule, matching: &[&PathPattern]) {
        let PathRule { paths: _, minify, encodings, publish, cache, content_type } = rule;
        if let Some(languages) = minify {
            self.minify = Minify::ByRule(languages.clone());
        }
        if let Some(codings) = encodings {
            self.encodings.clone_from(codings);
        }
        match publish {
            Some(Publish::Yes) => self.publish.add(matching),
            Some(Publish::No) => self.publish = Publishing::LeftOut,
            None => {}
        }
        if cache.is_some() {
            self.cache.clone_from(cache);
        }
        if content_type.is_some() {
            self.content_type.clone_from(content_type);
        }
    }
}
