//! `DELETE cache?prefix=…`: forgets responses of the voice service.

use serde::Serialize;
use worker::{Env, Request};

use super::{input, operator};
use crate::exchange::Exchange;
use crate::problem::{Answer, Kind, Problem};
use crate::store::{Cache, Operation};

/// The result of an invalidation.
#[derive(Serialize)]
struct Invalidated {
    success: bool,
    deleted: usize,
    /// True if no key is left. Otherwise the request has to be sent again.
    complete: bool,
    operations: Operations,
    cost_usd: f64,
}

#[derive(Serialize)]
struct Operations {
    list: usize,
    delete: usize,
}

/// Deletes all values whose keys begin with the prefix, for operators.
pub(super) async fn delete(env: &Env, exchange: &Exchange, request: &Request) -> Answer {
    operator::expect_token(request, exchange)?;
    let prefix = input::query(request, "prefix")?.filter(|prefix| !prefix.is_empty());
    let prefix = prefix.ok_or_else(|| {
        let detail = "name the keys by `?prefix=`, such as `?prefix=models/`";
        Problem::new(Kind::BadRequest, detail)
    })?;
    let deleted = Cache::open(env, &exchange.readings)?.invalidate(&prefix).await?;
    let operations = Operations { list: deleted.lists, delete: deleted.keys };
    super::json(&Invalidated {
        success: true,
        deleted: deleted.keys,
        complete: deleted.is_complete,
        cost_usd: cost(operations.list, Operation::List)
            + cost(operations.delete, Operation::Delete),
        operations,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a request does far less than 2^52 operations")]
fn cost(number: usize, operation: Operation) -> f64 {
    number as f64 * operation.price_of_million() / 1e6
}
