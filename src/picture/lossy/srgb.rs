//! Colour profiles that say no more than that the colours are those of sRGB (IEC 61966-2-1).
//!
//! A picture with such a profile looks the same without it. The profile is read as ICC.1 describes it, and only a matrix
//! with three curves counts: any other way of describing colours precedes them, or may.

/// The primaries of sRGB, adapted to D50, as X, Y and Z (the values of sRGB profiles, in 1/65536).
const PRIMARIES: [([u8; 4], [i32; 3]); 3] = [
    (*b"rXYZ", [28578, 14581, 912]),
    (*b"gXYZ", [25241, 46981, 6362]),
    (*b"bXYZ", [9376, 3972, 46798]),
];

/// The greatest difference of a primary, in 1/65536. Profiles of sRGB differ by up to 34.
const MAX_DIFFERENCE: i32 = 66;

/// The greatest difference of a curve from that of sRGB, of 1. An eighth of a step of 8 bits.
const MAX_CURVE_DIFFERENCE: f64 = 0.0005;

/// The parameters of sRGB's curve: g, a, b, c and d (ICC.1 §10.18, function type 3).
const PARAMETERS: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

/// The length of the header, and of a row of the table of tags (ICC.1 §7.2, §7.3).
const HEADER: usize = 128;
const ROW: usize = 12;

/// Returns whether the colours of a profile are those of sRGB.
pub(super) fn is_srgb(profile: &[u8]) -> bool {
    let is = |place: std::ops::Range<usize>, text: &[u8]| profile.get(place) == Some(text);
    let is_of_rgb = is(16..20, b"RGB ") && is(20..24, b"XYZ ") && is(36..40, b"acsp");
    // Look-up tables precede matrix and curves (ICC.1 §8.10), and so does a `cicp` tag for some programs.
    let has_tables = [b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"cicp"];
    is_of_rgb
        && !has_tables.into_iter().any(|name| tag(profile, *name).is_some())
        && PRIMARIES.into_iter().all(|(name, expected)| is_primary(profile, name, expected))
        && [b"rTRC", b"gTRC", b"bTRC"].into_iter().all(|name| {
            tag(profile, *name).is_some_and(|curve| is_curve(curve).unwrap_or_default())
        })
}

/// Returns the data of a tag.
fn tag(profile: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let count = number(profile, HEADER)?;
    let rows = profile.get(HEADER + 4..)?.chunks_exact(ROW).take(usize::try_from(count).ok()?);
    let row = rows.into_iter().find(|row| row.starts_with(&name))?;
    let start = usize::try_from(number(row, 4)?).ok()?;
    let len = usize::try_from(number(row, 8)?).ok()?;
    profile.get(start..)?.get(..len)
}

/// Returns a number of four bytes.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let (number, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*number))
}

/// Returns a number of sixteen bits before the point and as many after it, in 1/65536.
fn fixed(bytes: &[u8], at: usize) -> Option<i32> {
    let (number, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(i32::from_be_bytes(*number))
}

fn is_primary(profile: &[u8], name: [u8; 4], expected: [i32; 3]) -> bool {
    let Some(data) = tag(profile, name).filter(|data| data.starts_with(b"XYZ ")) else {
        return false;
    };
    (0..3).zip(expected).all(|(index, expected)| {
        let found = fixed(data, 8 + 4 * index);
        found.is_some_and(|found| found.abs_diff(expected) <= MAX_DIFFERENCE.unsigned_abs())
    })
}

/// Returns whether a curve is that of sRGB. Returns `None` if it cannot be read.
fn is_curve(data: &[u8]) -> Option<bool> {
    if data.starts_with(b"para") {
        // Function type 3.
        if data.get(8..10)? != [0, 3] {
            return Some(false);
        }
        let mut is_same = true;
        for (index, expected) in PARAMETERS.into_iter().enumerate() {
            let found = f64::from(fixed(data, 12 + 4 * index)?) / 65536.0;
            is_same &= (found - expected).abs() < MAX_CURVE_DIFFERENCE;
        }
        return Some(is_same);
    }
    if !data.starts_with(b"curv") {
        return Some(false);
    }
    let count = usize::try_from(number(data, 8)?).ok()?;
    let samples = data.get(12..)?.get(..count.checked_mul(2)?)?;
    // A gamma, or too few points to tell.
    if count < 16 {
        return Some(false);
    }
    let last = f64::from(u32::try_from(count - 1).ok()?);
    let is_near = |(place, sample): (u32, &[u8])| {
        let found = f64::from(u16::from_be_bytes([sample[0], sample[1]])) / 65535.0;
        (found - linear(f64::from(place) / last)).abs() < MAX_CURVE_DIFFERENCE
    };
    Some((0..).zip(samples.chunks_exact(2)).all(is_near))
}

/// Returns the brightness of a value of sRGB, both from 0 to 1.
pub(super) fn linear(value: f64) -> f64 {
    let [exponent, factor, offset, slope, bend] = PARAMETERS;
    if value >= bend { (factor * value + offset).powf(exponent) } else { slope * value }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A profile of matrix and curves.
    fn profile(primaries: [[i32; 3]; 3], curve: &[u8]) -> Vec<u8> {
        let mut tags: Vec<([u8; 4], Vec<u8>)> = Vec::new();
        for ((name, _), xyz) in PRIMARIES.into_iter().zip(primaries) {
            let numbers = xyz.map(i32::to_be_bytes).concat();
            tags.push((name, [&b"XYZ \0\0\0\0"[..], &numbers].concat()));
        }
        for name in [b"rTRC", b"gTRC", b"bTRC"] {
            tags.push((*name, curve.to_vec()));
        }
        let mut bytes = vec![0; HEADER];
        bytes[16..24].copy_from_slice(b"RGB XYZ ");
        bytes[36..40].copy_from_slice(b"acsp");
        bytes.extend(u32::try_from(tags.len()).unwrap().to_be_bytes());
        let mut start = HEADER + 4 + tags.len() * ROW;
        for (name, data) in &tags {
            bytes.extend(name);
            bytes.extend(u32::try_from(start).unwrap().to_be_bytes());
            bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            start += data.len();
        }
        bytes.extend(tags.into_iter().flat_map(|(_, data)| data));
        bytes
    }

    fn parametric(parameters: [f64; 5]) -> Vec<u8> {
        #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
        let numbers = parameters.map(|one| ((one * 65536.0).round() as i32).to_be_bytes());
        [&b"para\0\0\0\0\0\x03\0\0"[..], &numbers.concat()].concat()
    }

    fn sampled(count: u32, value: impl Fn(f64) -> f64) -> Vec<u8> {
        let mut curve = b"curv\0\0\0\0".to_vec();
        curve.extend(count.to_be_bytes());
        for place in 0..count {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
            let sample = (value(f64::from(place) / f64::from(count - 1)) * 65535.0).round() as u16;
            curve.extend(sample.to_be_bytes());
        }
        curve
    }

    const OWN: [[i32; 3]; 3] = [PRIMARIES[0].1, PRIMARIES[1].1, PRIMARIES[2].1];

    #[test]
    fn profiles_of_srgb_are_known_by_what_they_say() {
        assert!(is_srgb(&profile(OWN, &parametric(PARAMETERS))));
        assert!(is_srgb(&profile(OWN, &sampled(1024, linear))));
        // Those of HP, in which most JPEG files have the profile.
        let hp = [[28558, 14561, 911], [25241, 46990, 6356], [9361, 3966, 46806]];
        assert!(is_srgb(&profile(hp, &sampled(1024, linear))));
    }

    #[test]
    fn other_profiles_are_told_apart() {
        // Display P3 has the curve of sRGB.
        let p3 = [[33755, 15807, -69], [19158, 45387, 2748], [10299, 4342, 68579]];
        assert!(!is_srgb(&profile(p3, &parametric(PARAMETERS))));
        let gamma = |value: f64| value.powf(2.2);
        assert!(!is_srgb(&profile(OWN, &sampled(1024, gamma))));
        assert!(!is_srgb(&profile(OWN, b"curv\0\0\0\0\0\0\0\x01\x02\x33")));
        assert!(!is_srgb(&profile(OWN, &parametric([2.2, 1.0, 0.0, 0.0, 0.0]))));
        let mut with_tables = profile(OWN, &parametric(PARAMETERS));
        let at = HEADER + 4;
        with_tables[at..at + 4].copy_from_slice(b"A2B0");
        assert!(!is_srgb(&with_tables));
        let mut grey = profile(OWN, &parametric(PARAMETERS));
        grey[16..20].copy_from_slice(b"GRAY");
        assert!(!is_srgb(&grey));
        let whole = profile(OWN, &parametric(PARAMETERS));
        for len in 0..whole.len() {
            assert!(!is_srgb(&whole[..len]), "{len} bytes");
        }
    }
}
