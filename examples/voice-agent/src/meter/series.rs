//! The metrics, as Prometheus knows them.

/// Declares the metrics: a variant, its name, its type and its description.
macro_rules! metrics {
    ($($variant:ident = $name:literal, $kind:literal, $help:literal;)*) => {
        /// A metric of the Worker.
        #[derive(Clone, Copy)]
        pub(crate) enum Metric { $($variant,)* }

        impl Metric {
            /// Returns the name.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        /// The name, type and description of each metric.
        pub(crate) const METRICS: &[(&str, &str, &str)] = &[$(($name, $kind, $help),)*];
    };
}

metrics! {
    Requests = "voice_requests_total", "counter",
        "Requests for the API, by endpoint and status.";
    DurationSum = "voice_request_duration_ms_sum", "counter",
        "Time that requests have waited for I/O, in milliseconds.";
    DurationCount = "voice_request_duration_ms_count", "counter",
        "Requests whose time is in the sum.";
    UpstreamSum = "voice_upstream_duration_ms_sum", "counter",
        "Time that requests have waited for the voice service, in milliseconds.";
    Slow = "voice_slow_requests_total", "counter",
        "Requests that took longer than SLOW_REQUEST_MS.";
    Failed = "voice_failed_requests_total", "counter",
        "Requests with a status of 500 or more.";
    RateLimited = "voice_rate_limited_total", "counter",
        "Requests above a limit, by the limiter that refused them: `edge` or `object`.";
    Opened = "voice_sessions_opened_total", "counter",
        "Calls that were opened, by API.";
    Ended = "voice_sessions_ended_total", "counter",
        "Calls that have ended, by reason.";
    SessionSeconds = "voice_session_seconds_total", "counter",
        "Length of the calls that have ended, in seconds.";
    SessionCost = "voice_session_cost_usd_total", "counter",
        "Cost of the calls that have ended, by the prices in PRICES.";
    SidebandFailed = "voice_sideband_failures_total", "counter",
        "Calls whose events could not be read for a while.";
    CacheHits = "voice_cache_hits_total", "counter",
        "Values found in the voice cache.";
    CacheMisses = "voice_cache_misses_total", "counter",
        "Values missing in the voice cache.";
    KvOperations = "voice_kv_operations_total", "counter",
        "Operations on KV, by namespace and kind.";
    AudioSeconds = "voice_audio_seconds_total", "counter",
        "Audio whose noise was removed, in seconds.";
}
