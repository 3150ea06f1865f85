//! Weights of the members of a field, by which a client ranks what it accepts (RFC 9110 §12.4.2).

/// A weight in thousandths: `q=0.5` is 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight(u16);

impl Weight {
    /// Not acceptable.
    pub(crate) const REFUSED: Self = Self(0);
    /// The weight of a member without one.
    const FULL: Self = Self(1000);

    /// Reads `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
    fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let decimals = thousandths(decimals);
        match whole {
            "0" => Some(Self(decimals)),
            "1" if decimals == 0 => Some(Self::FULL),
            _ => None,
        }
    }
}

/// Reads up to three decimals as thousandths: `5` and `500` are both 500.
fn thousandths(decimals: &str) -> u16 {
    let digits = decimals.bytes().chain(*b"000").take(3);
    digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

/// Returns the members of a field such as `br;q=0.8, gzip`, each with its weight. A weight that does not parse
/// refuses. Parameters before the weight are left out.
pub(crate) fn members(field: &str) -> impl Iterator<Item = (&str, Weight)> {
    field.split(',').filter_map(parse_member)
}

/// Splits a member such as `br;q=0.8` into its token and weight.
fn parse_member(member: &str) -> Option<(&str, Weight)> {
    let (token, parameters) = match member.split_once(';') {
        Some((token, parameters)) => (token, Some(parameters)),
        None => (member, None),
    };
    let token = token.trim_matches(OWS);
    let weight = match parameters {
        None => Weight::FULL,
        Some(parameters) => parse_weight(parameters).unwrap_or(Weight::REFUSED),
    };
    (!token.is_empty()).then_some((token, weight))
}

fn parse_weight(parameters: &str) -> Option<Weight> {
    let (name, value) = parameters.trim_matches(OWS).split_once('=')?;
    if name.eq_ignore_ascii_case("q") { Weight::parse(value) } else { None }
}

const OWS: [char; 2] = [' ', '\t'];
