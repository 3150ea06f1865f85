//! The rules on the modules of the server.
//!
//! The modules of the build decide, since they are what runs. A finding points to the place in the
//! sources that the module was made of, if the same code is there.

mod counters;
mod functions;
mod mentions;
mod middleware;
pub(super) mod origin;
mod paths;
pub(super) mod routes;
mod running;
mod secrets;
mod sighting;

use super::rule::Rule;
use crate::feedback::code::Code;

/// The rules on the modules of the server.
pub(super) const RULES: &[Rule] = &[
    Rule {
        codes: &[
            Code::ServerLocalsRuntime,
            Code::ServerMessageChannel,
            Code::ServerGlobalScope,
            Code::ServerEval,
            Code::ServerNativePrerender,
        ],
        find: running::find,
    },
    Rule { codes: &[Code::ServerKvCounter, Code::ServerMemoryCounter], find: counters::find },
    Rule { codes: &[Code::ServerSecretInlined], find: secrets::find },
    Rule { codes: &[Code::ServerBuildPath], find: paths::find },
    Rule { codes: &[Code::ServerMiddlewareStatic], find: middleware::find },
];
