//! The stages of a run: one list for reports, timings, the progress bar and the documentation.

use crate::named::named;

named! {
    /// A stage of a run, in the order of the work.
    pub enum Stage {
        /// Opens the cache, and compares the folder and the output with the last run.
        Check = "check",
        /// Finds the files of the build, and reads the rules of the site.
        Ingest = "ingest",
        /// Reads the pages, to learn how the files are used.
        Survey = "survey",
        /// Minifies and compresses the files that are not cached.
        Represent = "represent",
        /// Builds the table.
        Tabulate = "tabulate",
        /// Makes the target's output from the table, and writes it.
        Output = "output",
        /// Looks for faults of a project, its configuration and its build. It is a part of
        /// `worker-pack check` alone.
        Inspect = "inspect",
    }
}
