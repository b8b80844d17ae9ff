import { expect, test } from 'vitest';
import { about, amount, ago, clockLength, length, money } from './format';

test('lengths have two units at most', () => {
  expect([0, 140, 4_000, 65_000, 7_500_000, 200_000_000].map(length)).toEqual(['0 s', '140 ms', '4 s', '1 m 05 s', '2 h 05 m', '2 d 7 h']);
  expect(length(null)).toBe('–');
});

test('estimates leave out what is nought', () => {
  expect([60_000, 90_000, 7_200_000, 4_000, 172_800_000].map(about)).toEqual(['~1 m', '~1 m 30 s', '~2 h', '~4 s', '~2 d']);
});

test('countdowns are clocks', () => {
  expect([0, 154_000, 3_754_000].map(clockLength)).toEqual(['0:00', '2:34', '1:02:34']);
});

test('times are as people say them', () => {
  expect([ago(0, 90_000), ago(7_200_000, 0), ago(0, 2_000)]).toEqual(['2 m ago', 'in 2 h', 'now']);
});

test('money and counts are short', () => {
  expect([money(0.004), money(4.1), money(12_345)]).toEqual(['< $0.01', '$4.10', '$12,345']);
  expect([amount(950), amount(12_345), amount(2_100_000)]).toEqual(['950', '12.3k', '2.1M']);
});
