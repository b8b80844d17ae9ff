import { expect, test } from 'vitest';
import type { RunLine } from '../api/types';
import { flat, idOf, readId, trimmed } from './batches';

const lines = (...texts: string[]): RunLine[] => texts.map((text) => ({ text }) as RunLine);

test('a line is named by where its batch begins and its number in it', () => {
  const all = flat([{ start: null, lines: lines('a', 'b') }, { start: 'x~9', lines: lines('c') }]);
  expect(all.map((one) => [one.id, one.line.text])).toEqual([['~0', 'a'], ['~1', 'b'], ['x~9~0', 'c']]);
  expect(all.map((one) => readId(one.id))).toEqual([{ start: null, at: 0 }, { start: null, at: 1 }, { start: 'x~9', at: 0 }]);
  expect([readId('nothing'), readId('x~'), readId('x~-1'), readId('x~1.5')]).toEqual([null, { start: 'x', at: 0 }, null, null]);
  expect(idOf('p', 3)).toBe('p~3');
});

test('what is far above is forgotten in whole batches, but never the last one', () => {
  const batches = [{ start: 'a', lines: lines('1', '2') }, { start: 'b', lines: lines('3') }, { start: 'c', lines: lines('4', '5', '6') }];
  expect(trimmed(batches, 4).map((batch) => batch.start)).toEqual(['b', 'c']);
  expect(trimmed(batches, 1).map((batch) => batch.start)).toEqual(['c']);
  expect(trimmed(batches, 9)).toBe(batches);
});
