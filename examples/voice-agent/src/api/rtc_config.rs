//! `GET rtc-config`: how a browser of this region connects.

use serde::Serialize;

use crate::exchange::Exchange;
use crate::problem::Answer;
use crate::settings::IceServer;

/// The configuration of a peer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RtcConfig<'a> {
    success: bool,
    /// Where the offer is sent to.
    endpoint: String,
    api: &'a str,
    /// The continent of the client, by which the Worker chooses the region of the voice service.
    region: &'a str,
    colo: &'a str,
    ice_servers: &'a [IceServer],
    rtc_configuration: RtcConfiguration<'a>,
}

/// The parameter of `new RTCPeerConnection`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RtcConfiguration<'a> {
    /// An empty list is a good default: the voice service has public addresses. Networks that only allow
    /// TLS need a TURN server, from the variable `ICE_SERVERS`.
    ice_servers: &'a [IceServer],
    bundle_policy: &'static str,
    ice_candidate_pool_size: u32,
}

/// Returns the configuration.
pub(super) fn get(exchange: &Exchange) -> Answer {
    let ice_servers = &*exchange.settings.ice_servers;
    super::json(&RtcConfig {
        success: true,
        endpoint: format!("{}sdp", super::PREFIX),
        api: exchange.settings.api.name(),
        region: exchange.edge.continent.as_deref().unwrap_or("unknown"),
        colo: exchange.edge.colo.as_deref().unwrap_or("unknown"),
        ice_servers,
        rtc_configuration: RtcConfiguration {
            ice_servers,
            bundle_policy: "max-bundle",
            ice_candidate_pool_size: 0,
        },
    })
}
