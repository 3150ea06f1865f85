//! The report on a built Worker as text.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use worker_pack::report::{
    Bound, KindSize, Part, PartKind, Printable, Quantity, Share, Upload, WeightReport,
};

use super::next_steps::Word;
use super::summary::Size;
use crate::cli::terminal::{DIM, ERROR, HEADING, WARNING};

/// Number of parts to show, the largest ones.
const SHOWN_PARTS: usize = 10;

/// Maximum number of characters of a name.
const NAME_WIDTH: usize = 56;

/// Size from which the data of a module is most likely files of a site, in bytes.
const UNNAMED: usize = 64 * 1024;

/// Maximum number of packages to name.
const SHOWN_PACKAGES: usize = 5;

/// Share of a mark or limit from which it deserves attention, in percent.
const CLOSE: u64 = 80;

/// The weight of a Worker: its share of each limit, and its largest parts.
pub(crate) struct WeightSummary<'r>(pub(crate) &'r WeightReport);

impl Display for WeightSummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let WeightReport { subject, environment, weight, limits, .. } = self.0;
        write!(f, "{HEADING}{}{HEADING:#}", Printable(subject))?;
        if let Some(environment) = environment {
            write!(f, ", environment {}", Printable(environment))?;
        }
        let unit = if weight.modules == 1 { "module" } else { "modules" };
        write!(f, ": {} {unit}", weight.modules)?;
        if weight.static_assets > 0 {
            let size = Size(weight.static_assets_size);
            write!(f, ", and {size} in Workers Static Assets")?;
        }
        writeln!(f)?;
        writeln!(f, "\n{HEADING}{:24}{:>10}  {:>10}   share{HEADING:#}", "weight", "", "limit")?;
        for share in limits {
            Row(share).fmt(f)?;
        }
        if !weight.parts.is_empty() {
            self.parts(f)?;
        }
        self.notes(f)
    }
}

impl WeightSummary<'_> {
    fn parts(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let WeightReport { weight, kinds, .. } = self.0;
        let sized = |size: usize| {
            let share = Percent::of(size as u64, weight.size as u64).to_string();
            format!("{:>9}  {share:>5}", Size(size).to_string())
        };
        writeln!(f, "\n{HEADING}made of{HEADING:#}")?;
        for KindSize { kind, size } in kinds {
            let text = match kind {
                PartKind::Scripts => "scripts",
                PartKind::Code => "WebAssembly code",
                PartKind::Custom => "names and debug information of WebAssembly",
                PartKind::Data => "files of the site, and other data",
                PartKind::Copies => "copies of compressed files, as they are",
            };
            writeln!(f, "{}  {text}", sized(*size))?;
        }
        writeln!(f, "\n{HEADING}largest parts{HEADING:#}")?;
        for part in weight.parts.iter().take(SHOWN_PARTS) {
            writeln!(f, "{}  {}", sized(part.size), Name(&part.name))?;
        }
        let others = weight.parts.get(SHOWN_PARTS..).unwrap_or_default();
        if !others.is_empty() {
            let size = others.iter().map(|part| part.size).sum();
            writeln!(f, "{DIM}{}  {} others{DIM:#}", sized(size), others.len())?;
        }
        Ok(())
    }

    fn notes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let WeightReport {
            subject,
            environment,
            upload,
            packages,
            computed_imports,
            manifest,
            weight,
            diagnostics,
            ..
        } = self.0;
        let is_unnamed = |part: &Part| part.size >= UNNAMED && part.name.ends_with(": data");
        if manifest.is_none() && weight.parts.iter().any(is_unnamed) {
            writeln!(
                f,
                "\n{DIM}To see the files of the site in the data: `--manifest FILE`, with the\n  \
                 `manifest.json` that worker-pack wrote beside `assets.rs`{DIM:#}"
            )?;
        }
        if *upload == Upload::Bundled {
            let environment =
                environment.as_ref().map(|it| format!(" --env {}", Word(Path::new(it))));
            writeln!(
                f,
                "\n{DIM}wrangler bundles the scripts, which changes their size. To weigh the result:\n  \
                 npx wrangler deploy --dry-run --outdir DIR --config {}{}\n  \
                 npx worker-pack weigh DIR{DIM:#}",
                Word(Path::new(subject)),
                environment.unwrap_or_default()
            )?;
        }
        if !packages.is_empty() {
            let named: Vec<String> =
                packages.iter().take(SHOWN_PACKAGES).map(|it| Printable(it).to_string()).collect();
            let more = match packages.len().saturating_sub(SHOWN_PACKAGES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = named.join(", ");
            writeln!(f, "{WARNING}npm packages are not weighed:{WARNING:#} {named}{more}")?;
        }
        if *computed_imports > 0 {
            writeln!(
                f,
                "{WARNING}computed imports are not weighed:{WARNING:#} {computed_imports}"
            )?;
        }
        if !diagnostics.is_empty() {
            // They follow.
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A row of the table: a quantity, its limit, and the share.
struct Row<'r>(&'r Share);

impl Display for Row<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Share { quantity, value, limit, bound } = *self.0;
        let name = match quantity {
            Quantity::Size => "size",
            Quantity::Gzip => "under gzip",
            Quantity::Memory => "memory, estimated",
            Quantity::Startup => "time to start, estimated",
            Quantity::StaticAsset => "largest static asset",
            Quantity::StaticAssets => "static assets",
        };
        let text = |number: u64| match quantity {
            Quantity::Startup => format!("{number} ms"),
            Quantity::StaticAssets => number.to_string(),
            _ => Size(usize::try_from(number).unwrap_or(usize::MAX)).to_string(),
        };
        let (shown, limit_text) = (text(value), text(limit));
        write!(f, "{name:24}{shown:>10}  {limit_text:>10}  ")?;
        let percent = Percent::of(value, limit);
        let style = match bound {
            Bound::Limit if value > limit => Some(ERROR),
            Bound::Mark if value > limit => Some(WARNING),
            _ if percent.0 >= CLOSE => Some(WARNING),
            _ => None,
        };
        let percent = percent.to_string();
        match style {
            Some(style) => write!(f, "{style}{percent:>6}{style:#}")?,
            None => write!(f, "{percent:>6}")?,
        }
        match bound {
            Bound::Mark if value > limit => writeln!(f, "  {WARNING}over the mark{WARNING:#}"),
            Bound::Limit if value > limit => writeln!(f, "  {ERROR}over the limit{ERROR:#}"),
            Bound::Mark => writeln!(f, "  {DIM}a mark{DIM:#}"),
            Bound::Limit => writeln!(f),
        }
    }
}

/// A share in percent, rounded.
struct Percent(u64);

impl Percent {
    fn of(value: u64, whole: u64) -> Self {
        let percent = (u128::from(value) * 200 + u128::from(whole))
            .checked_div(u128::from(whole) * 2)
            .unwrap_or_default();
        Self(u64::try_from(percent).unwrap_or(u64::MAX))
    }
}

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("<1 %"),
            percent => write!(f, "{percent} %"),
        }
    }
}

/// A name, of which a long one loses its middle: the beginning tells the module, and the end the file.
struct Name<'n>(&'n str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = Printable(self.0).to_string();
        let count = name.chars().count();
        if count <= NAME_WIDTH {
            return f.write_str(&name);
        }
        let half = (NAME_WIDTH - 1) / 2;
        let head: String = name.chars().take(half).collect();
        let tail: String = name.chars().skip(count - half).collect();
        write!(f, "{head}…{tail}")
    }
}
