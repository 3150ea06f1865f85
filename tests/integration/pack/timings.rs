//! The times of a run.

use std::time::Duration;

use worker_pack::report::Stage;

use crate::support::site::{FILES, Site};

/// Wall time would count for each file, as often as threads wait for a core.
#[test]
fn the_times_of_files_are_a_part_of_the_cpu_time_of_their_stage() {
    let packed = Site::new(&FILES).pack();
    let timings = packed.timings();
    let files: Duration = timings.files.iter().map(worker_pack::report::FileTime::total).sum();
    let stage = timings.stages.iter().find(|time| time.stage == Stage::Represent).unwrap();
    assert!(files > Duration::ZERO && files <= stage.cpu, "{files:?} of {:?}", stage.cpu);
}
