//! The arguments of `probe`.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;
use worker_pack::Probe;
use worker_pack::probing::{Bounds, Certificates, Expected, HeaderField, ProbeLimits, Watch};

use super::{Format, PlaceArguments};
use crate::cli::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct ProbeArguments {
    /// Deployment to ask, such as `https://example.com`.
    #[arg(value_name = "URL")]
    url: String,
    /// Deployment to compare with, such as the old one; it is asked the same.
    #[arg(value_name = "OLD-URL")]
    second: Option<String>,
    /// Packed site: a manifest, a folder with one, a build, or one of them in a revision of git, such
    /// as `main:manifest.json` [default: the output folder].
    #[arg(long, value_name = "MANIFEST")]
    pub(crate) manifest: Option<String>,
    /// Find the URLs by links and sitemaps, and expect nothing. Without a manifest that is the default.
    #[arg(long, conflicts_with = "manifest")]
    pub(crate) crawl: bool,
    /// Number of routes to ask for, always the same ones [default: 500].
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Path beside those of the manifest, such as one of the server. Can be repeated.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// Baseline to compare with, as `--save` wrote it.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// File to write the answers into, to compare with later.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Header field for URL, such as `CF-Access-Client-Id: …`. It is never printed. Can be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Header field for OLD-URL. Can be repeated.
    #[arg(long = "old-header", value_name = "NAME: VALUE")]
    old_headers: Vec<String>,
    /// Certificate of an authority of your own, in PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Accept any certificate, on this machine alone.
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    /// Format of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Print only errors.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    #[command(flatten, next_help_heading = "Bounds of the run")]
    limits: ProbeLimitArguments,
    #[command(flatten, next_help_heading = "Watching a canary")]
    watch: WatchArguments,
}

#[derive(Debug, Args)]
struct ProbeLimitArguments {
    /// Number of paths that are asked for at the same time [default: 8].
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Time for a request, such as `10s` [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// Time for all requests, such as `5m` [default: 5m].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    max_time: Option<Duration>,
    /// Size of all bodies together, such as `500 MB` [default: 500 MB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_download: Option<ByteSize>,
}

#[derive(Debug, Args)]
struct WatchArguments {
    /// Ask again and again, and say when to roll back.
    #[arg(long)]
    watch: bool,
    /// Time between two rounds [default: 30s].
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "watch")]
    interval: Option<Duration>,
    /// Time after which no round begins [default: 10m].
    #[arg(long = "for", value_name = "TIME", value_parser = duration, requires = "watch")]
    duration: Option<Duration>,
    /// Largest number of rounds.
    #[arg(long, value_name = "N", requires = "watch")]
    rounds: Option<usize>,
    /// Largest share of paths with an error [default: 1%].
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "watch")]
    max_error_rate: Option<f64>,
    /// Largest ratio of the time to the first byte to that of OLD-URL, or of the first round [default: 2].
    #[arg(long, value_name = "RATIO", value_parser = ratio, requires = "watch")]
    max_latency_ratio: Option<f64>,
}

impl ProbeArguments {
    /// Makes the probe. Its progress, options and cache are those of the caller.
    pub(crate) fn probe(&self, expected: Expected) -> Result<Probe, Failure> {
        let default = ProbeLimits::default();
        let ProbeLimitArguments { concurrency, timeout, max_time, max_download } = &self.limits;
        let routes = if self.watch.watch { WATCHED } else { default.routes };
        let limits = ProbeLimits {
            routes: at_least_one("sample", self.sample)?.unwrap_or(routes),
            concurrency: at_least_one("concurrency", *concurrency)?.unwrap_or(default.concurrency),
            timeout: timeout.unwrap_or(default.timeout),
            time: max_time.unwrap_or(default.time),
            download: max_download.map_or(default.download, |size| size.as_u64()),
        };
        let certificates = match (&self.ca, self.insecure) {
            (_, true) => Certificates::AnyOnLoopback,
            (Some(path), false) => Certificates::With(path.clone()),
            (None, false) => Certificates::System,
        };
        Ok(Probe::of(&self.url)
            .second(self.second.clone())
            .expect(expected)
            .limits(limits)
            .paths(self.paths.clone())
            .headers(fields("header", &self.headers)?)
            .second_headers(fields("old-header", &self.old_headers)?)
            .certificates(certificates)
            .baseline(self.baseline.clone())
            .save(self.save.clone()))
    }

    /// Returns the watch and its bounds, if the deployment is watched.
    pub(crate) fn watch(&self) -> Option<(Watch, Bounds)> {
        let WatchArguments { watch, interval, duration, rounds, .. } = &self.watch;
        let default = Bounds::default();
        let bounds = Bounds {
            error_rate: self.watch.max_error_rate.unwrap_or(default.error_rate),
            latency_ratio: self.watch.max_latency_ratio.unwrap_or(default.latency_ratio),
        };
        let watching = Watch {
            interval: interval.unwrap_or(Duration::from_secs(30)),
            duration: duration.unwrap_or(Duration::from_mins(10)),
            rounds: *rounds,
        };
        watch.then_some((watching, bounds))
    }
}

/// Number of routes that are asked for in each round of a watch.
const WATCHED: usize = 20;

/// Reads header fields. A mistake is told without the value, which may be secret.
fn fields(option: &'static str, texts: &[String]) -> Result<Vec<HeaderField>, Failure> {
    let fields = texts.iter().map(|text| text.parse());
    fields.collect::<Result<_, String>>().map_err(|message| invalid(option, message))
}

fn at_least_one(option: &'static str, number: Option<usize>) -> Result<Option<usize>, Failure> {
    match number {
        Some(0) => Err(invalid(option, "is at least 1".to_owned())),
        number => Ok(number),
    }
}

fn invalid(option: &'static str, message: String) -> Failure {
    Failure::Probe(worker_pack::ProbeError::Option { option, message })
}

/// Reads a duration: a number with the unit `ms`, `s`, `m` or `h`, or of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => {
            return Err(
                "write a number with a unit, such as `500ms`, `10s`, `5m` or `1h`".to_owned()
            );
        }
    };
    let number: f64 = number.parse().map_err(|_| "write a number, such as `10s`".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

/// Reads a size: a number with a unit.
fn size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "write a size such as `500 MB`".to_owned())
}

/// Reads a share: `1%`, or a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number.trim(), 0.01),
        None => (text, 1.0),
    };
    let share = number.parse::<f64>().map(|number| number * unit);
    share
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "write a share such as `1%`".to_owned())
}

/// Reads a ratio above 0.
fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse::<f64>().ok().filter(|ratio| ratio.is_finite() && *ratio > 0.0);
    ratio.ok_or_else(|| "write a number above 0, such as `1.5`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_shares_and_ratios_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h"), Ok(Duration::from_hours(1)));
        for wrong in ["", "s", "10 years", "-1s", "1e400h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(size("500 MB").is_ok() && size("x").is_err_and(|it| it.contains("`500 MB`")));
        assert_eq!(share("1%"), Ok(0.01));
        assert_eq!(share("0.5"), Ok(0.5));
        assert!(share("200%").is_err() && share("NaN").is_err());
        assert!(ratio("0").is_err() && ratio("inf").is_err());
    }
}
