import { expect, test } from 'vitest';
import { readCount, readLength, readMoney, writeLength } from './amounts';

test('lengths are read as the command line reads them', () => {
  expect(['90m', '8h', '1h 30m', '1.5h', '2d', '250ms'].map(readLength)).toEqual([5_400_000, 28_800_000, 5_400_000, 5_400_000, 172_800_000, 250]);
  expect(['', '5', 'soon', '5 minutes', '-5m', '5m x'].map(readLength)).toEqual([null, null, null, null, null, null]);
});

test('a length that was written is read as the same', () => {
  for (const ms of [1_000, 90_000, 5_400_000, 90_061_001]) expect(readLength(writeLength(ms))).toBe(ms);
});

test('money and counts', () => {
  expect(['40', '$2.50', '2.50 USD', 'ten', '-3'].map(readMoney)).toEqual([40, 2.5, 2.5, null, null]);
  expect(['200000', '200k', '5M', '1,000', '1.5m', 'many'].map(readCount)).toEqual([200_000, 200_000, 5_000_000, 1000, 1_500_000, null]);
});
