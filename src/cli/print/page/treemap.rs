//! A squarified treemap (Bruls, Huizing, van Wijk 2000): rectangles whose areas are sizes, as square as
//! possible. It is computed here, so that the page shows it without JavaScript.

/// A rectangle, in percent of the whole map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Divides an area among sizes, the largest first. `ratio` is the width of the map by its height. The areas are
/// in the order of the sizes.
pub(super) fn divide(area: Area, sizes: &[usize], ratio: f64) -> Vec<Area> {
    let total: usize = sizes.iter().sum();
    let mut areas = Vec::with_capacity(sizes.len());
    let mut rest = area;
    let mut left = number(total);
    let mut from = 0;
    while from < sizes.len() && left > 0.0 {
        let end = row_end(&sizes[from..], rest, left, ratio) + from;
        let row = &sizes[from..end];
        let sum: f64 = row.iter().map(|size| number(*size)).sum();
        let share = sum / left;
        // A row lies along the shorter side.
        let is_upright = rest.width * ratio >= rest.height;
        let mut offset = 0.0;
        for size in row {
            let part = if sum > 0.0 { number(*size) / sum } else { 0.0 };
            areas.push(if is_upright {
                let height = rest.height * part;
                Area { x: rest.x, y: rest.y + offset, width: rest.width * share, height }
            } else {
                let width = rest.width * part;
                Area { x: rest.x + offset, y: rest.y, width, height: rest.height * share }
            });
            offset += if is_upright { rest.height * part } else { rest.width * part };
        }
        if is_upright {
            let width = rest.width * share;
            rest = Area { x: rest.x + width, width: rest.width - width, ..rest };
        } else {
            let height = rest.height * share;
            rest = Area { y: rest.y + height, height: rest.height - height, ..rest };
        }
        left -= sum;
        from = end;
    }
    areas.resize(sizes.len(), Area { width: 0.0, height: 0.0, ..rest });
    areas
}

/// Returns the number of sizes in the next row: as long as its worst rectangle gets no longer.
fn row_end(sizes: &[usize], rest: Area, left: f64, ratio: f64) -> usize {
    let (width, height) = (rest.width * ratio, rest.height);
    let (side, scale) = (width.min(height), width * height / left);
    let mut sum = 0.0;
    let mut worst = f64::INFINITY;
    let largest = sizes.first().map_or(0.0, |size| number(*size) * scale);
    for (count, size) in sizes.iter().enumerate() {
        let smallest = number(*size) * scale;
        sum += smallest;
        let square = side * side;
        let next = (square * largest / (sum * sum)).max(sum * sum / (square * smallest));
        if next > worst {
            return count.max(1);
        }
        worst = next;
    }
    sizes.len()
}

#[expect(clippy::cast_precision_loss, reason = "shown in percent")]
fn number(size: usize) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Area = Area { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };

    #[test]
    fn areas_have_the_shares_of_their_sizes_and_fill_the_map() {
        let sizes = [600, 300, 60, 30, 9, 1];
        let areas = divide(WHOLE, &sizes, 2.0);
        for (area, size) in areas.iter().zip(sizes) {
            let share = area.width * area.height / 10_000.0;
            assert!((share - number(size) / 1000.0).abs() < 1e-9, "{area:?}");
            assert!(area.x >= 0.0 && area.x + area.width <= 100.0 + 1e-9, "{area:?}");
            assert!(area.y >= 0.0 && area.y + area.height <= 100.0 + 1e-9, "{area:?}");
        }
    }

    #[test]
    fn sizes_of_zero_have_no_area() {
        assert_eq!(divide(WHOLE, &[], 2.0), []);
        let areas = divide(WHOLE, &[0, 0], 2.0);
        assert!(areas.iter().all(|area| area.width * area.height == 0.0));
        assert_eq!(divide(WHOLE, &[5, 0], 1.0).len(), 2);
    }
}
