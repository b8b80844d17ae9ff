//! One group's content: items in layers, lanes for the arrows that pass, an order with few crossings, and places.

use std::collections::BTreeMap;

use super::Area;
use super::layers::layers;
use super::settle::settle;

/// An end of an arrow, as one level sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The item with this number.
    Item(usize),
    /// Somewhere outside of the group.
    Outside,
}

/// An arrow, or the part of it that this level has to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// Where it comes from.
    pub from: End,
    /// Where it leads.
    pub to: End,
}

/// Free ways past other items. Arrows from the same item, and those from outside to the same item, share theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// To the right of this item.
    From(usize),
    /// From the left edge to this item.
    Into(usize),
}

/// A laid-out level. Coordinates count from its own top left corner.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// Each item's place.
    pub items: Vec<Area>,
    /// Each item's layer.
    pub layers: Vec<usize>,
    /// Left and right edge of each layer.
    pub columns: Vec<(i64, i64)>,
    /// The height of each lane in the layers that it passes.
    pub lanes: BTreeMap<(Lane, usize), i64>,
    /// Width and height of the whole.
    pub size: (i64, i64),
}

/// Between columns: room for arrows to turn.
const COLUMN_GAP: i64 = 52;
/// Between rows.
const ROW_GAP: i64 = 16;
/// What a lane takes of a column.
const LANE: i64 = 4;
/// Rounds of ordering; the pictures of plans settle in fewer.
const ROUNDS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Item(usize),
    Lane(Lane),
}

/// A column's cells from top to bottom, and for each its neighbours' places in the columns left and right of it.
type Column = Vec<Cell>;

/// Places `items` (width and height) with their `links`.
pub(super) fn place(items: &[(i64, i64)], links: &[Link]) -> Level {
    let before: Vec<(usize, usize)> = links
        .iter()
        .filter_map(|link| match (link.from, link.to) {
            (End::Item(from), End::Item(to)) => Some((from, to)),
            _ => None,
        })
        .collect();
    let layer = layers(items.len(), &before);
    let depth = layer.iter().max().map_or(0, |last| last + 1);
    let pairs = pairs(links, &layer, depth);
    let mut columns = first_columns(&layer, &pairs, depth);
    order(&mut columns, &pairs);
    let tops = heights(&columns, &pairs, items);
    finish(items, layer, &columns, &tops)
}

/// Neighbours in adjacent columns, by the left one's layer.
fn pairs(links: &[Link], layer: &[usize], depth: usize) -> Vec<Vec<(Cell, Cell)>> {
    let mut pairs: Vec<Vec<(Cell, Cell)>> = vec![Vec::new(); depth];
    let at = |item: usize| layer.get(item).copied().unwrap_or_default();
    for link in links {
        let (first, last, lane, start, end) = match (link.from, link.to) {
            (End::Item(from), End::Item(to)) => (at(from), at(to), Lane::From(from), Some(from), Some(to)),
            (End::Item(from), End::Outside) => (at(from), depth, Lane::From(from), Some(from), None),
            (End::Outside, End::Item(to)) => (0, at(to), Lane::Into(to), None, Some(to)),
            (End::Outside, End::Outside) => continue,
        };
        for (left, list) in pairs.iter_mut().enumerate().take(last.min(depth.saturating_sub(1))).skip(first) {
            let from = start.filter(|_| left == first).map_or(Cell::Lane(lane), Cell::Item);
            let to = end.filter(|_| left + 1 == last).map_or(Cell::Lane(lane), Cell::Item);
            list.push((from, to));
        }
    }
    for list in &mut pairs {
        list.sort_unstable();
        list.dedup();
    }
    pairs
}

/// Items in their given order, each lane beside the item that it belongs to.
fn first_columns(layer: &[usize], pairs: &[Vec<(Cell, Cell)>], depth: usize) -> Vec<Column> {
    let mut columns: Vec<Column> = vec![Vec::new(); depth];
    for (item, at) in layer.iter().enumerate() {
        if let Some(column) = columns.get_mut(*at) {
            column.push(Cell::Item(item));
        }
    }
    for (left, list) in pairs.iter().enumerate() {
        for (at, cell) in list.iter().flat_map(|(from, to)| [(left, *from), (left + 1, *to)]) {
            if let (Cell::Lane(_), Some(column)) = (cell, columns.get_mut(at)) {
                column.push(cell);
            }
        }
    }
    let owner = |cell: &Cell| match cell {
        Cell::Item(item) | Cell::Lane(Lane::From(item) | Lane::Into(item)) => *item,
    };
    for column in &mut columns {
        column.sort_by_key(|cell| (owner(cell), *cell));
        column.dedup();
    }
    columns
}

/// Sorts columns by the mean place of their neighbours, to the right and back, and keeps the best order seen.
fn order(columns: &mut Vec<Column>, pairs: &[Vec<(Cell, Cell)>]) {
    let mut best = (crossings(columns, pairs), columns.clone());
    for round in 0..ROUNDS {
        if best.0 == 0 {
            break;
        }
        let rightwards = round % 2 == 0;
        let last = columns.len().saturating_sub(1);
        for step in 0..last {
            let (at, fixed) = if rightwards { (step + 1, step) } else { (last - step - 1, last - step) };
            let neighbours = pairs.get(at.min(fixed)).map(Vec::as_slice).unwrap_or_default();
            let places = places(columns.get(fixed));
            let mut sums: BTreeMap<Cell, (i64, i64)> = BTreeMap::new();
            for (from, to) in neighbours {
                let (cell, other) = if rightwards { (to, from) } else { (from, to) };
                let sum = sums.entry(*cell).or_default();
                *sum = (sum.0 + places.get(other).copied().unwrap_or_default(), sum.1 + 1);
            }
            if let Some(column) = columns.get_mut(at) {
                let own = self::places(Some(column));
                column.sort_by_key(|cell| match sums.get(cell) {
                    Some((sum, number)) => sum * 1024 / number,
                    None => own.get(cell).copied().unwrap_or_default() * 1024,
                });
            }
        }
        let number = crossings(columns, pairs);
        if number < best.0 {
            best = (number, columns.clone());
        }
    }
    *columns = best.1;
}

fn places(column: Option<&Column>) -> BTreeMap<Cell, i64> {
    column.into_iter().flatten().copied().zip(0..).collect()
}

/// How many pairs of arrows cross. Columns with very many arrows are not counted: no order saves them.
fn crossings(columns: &[Column], pairs: &[Vec<(Cell, Cell)>]) -> usize {
    let mut number = 0;
    for (left, list) in pairs.iter().enumerate().filter(|(_, list)| list.len() <= 400) {
        let (from, to) = (places(columns.get(left)), places(columns.get(left + 1)));
        let place = |(a, b): &(Cell, Cell)| (from.get(a).copied(), to.get(b).copied());
        let ends: Vec<_> = list.iter().map(place).collect();
        for (at, one) in ends.iter().enumerate() {
            number += ends.iter().skip(at + 1).filter(|two| crosses(*one, **two)).count();
        }
    }
    number
}

fn crosses(one: (Option<i64>, Option<i64>), two: (Option<i64>, Option<i64>)) -> bool {
    (one.0 < two.0 && one.1 > two.1) || (one.0 > two.0 && one.1 < two.1)
}

/// Tops of all cells: near the middle of their neighbours, in order, without touching.
fn heights(columns: &[Column], pairs: &[Vec<(Cell, Cell)>], items: &[(i64, i64)]) -> BTreeMap<(usize, Cell), i64> {
    let tall = |cell: &Cell| match cell {
        Cell::Item(item) => items.get(*item).map_or(0, |(_, height)| *height),
        Cell::Lane(_) => LANE,
    };
    let mut tops: BTreeMap<(usize, Cell), i64> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        let mut top = 0;
        for cell in column {
            tops.insert((at, *cell), top);
            top += tall(cell) + ROW_GAP;
        }
    }
    let last = columns.len().saturating_sub(1);
    for round in 0..ROUNDS {
        for step in 0..columns.len() {
            let at = if round % 2 == 0 { step } else { last - step };
            let Some(column) = columns.get(at) else { continue };
            let mut sums: BTreeMap<Cell, (i64, i64)> = BTreeMap::new();
            let mut add = |cell: Cell, other: (usize, Cell)| {
                let middle = tops.get(&other).copied().unwrap_or_default() + tall(&other.1) / 2;
                let sum = sums.entry(cell).or_default();
                *sum = (sum.0 + middle, sum.1 + 1);
            };
            for (from, to) in at.checked_sub(1).and_then(|left| pairs.get(left)).into_iter().flatten() {
                add(*to, (at - 1, *from));
            }
            for (from, to) in pairs.get(at).into_iter().flatten() {
                add(*from, (at + 1, *to));
            }
            let wanted: Vec<i64> = column
                .iter()
                .map(|cell| match sums.get(cell) {
                    Some((sum, number)) => sum.div_euclid(*number) - tall(cell) / 2,
                    None => tops.get(&(at, *cell)).copied().unwrap_or_default(),
                })
                .collect();
            let sizes: Vec<i64> = column.iter().map(tall).collect();
            for (cell, top) in column.iter().zip(settle(&wanted, &sizes, ROW_GAP)) {
                tops.insert((at, *cell), top);
            }
        }
    }
    tops
}

fn finish(items: &[(i64, i64)], layers: Vec<usize>, columns: &[Column], tops: &BTreeMap<(usize, Cell), i64>) -> Level {
    let highest = tops.values().min().copied().unwrap_or_default();
    let mut level = Level { items: vec![Area::default(); items.len()], layers, ..Level::default() };
    let (mut x, mut height) = (0, 0);
    for (at, column) in columns.iter().enumerate() {
        let mut wide = 0;
        for cell in column {
            let top = tops.get(&(at, *cell)).copied().unwrap_or_default() - highest;
            match cell {
                Cell::Lane(lane) => {
                    level.lanes.insert((*lane, at), top + LANE / 2);
                    height = height.max(top + LANE);
                }
                Cell::Item(item) => {
                    let size = items.get(*item).copied().unwrap_or_default();
                    if let Some(area) = level.items.get_mut(*item) {
                        *area = Area { x, y: top, width: size.0, height: size.1 };
                    }
                    wide = wide.max(size.0);
                    height = height.max(top + size.1);
                }
            }
        }
        level.columns.push((x, x + wide));
        x += wide + COLUMN_GAP;
    }
    level.size = ((x - COLUMN_GAP).max(0), height);
    level
}
