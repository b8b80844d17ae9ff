import { expect, test } from 'vitest';
import { pieces, plain } from '../../lib/ansi';
import { KEPT, Lines } from './lines';

const out = (text: string, stream = 'stdout') => ({ stream, at: null, text });

test('lines are put together from pieces that are cut anywhere, each stream by itself', () => {
  const lines = new Lines();
  lines.push([out('on'), out('wrong\nwor', 'stderr'), out('e\ntwo\n'), out('se', 'stderr')]);
  expect(lines.all.map((line) => line.text)).toEqual(['one', 'wrong', 'worse', 'two']);
});

test('of a line that nobody reads only the beginning is kept', () => {
  const lines = new Lines();
  for (let at = 0; at < 100; at += 1) lines.push([out('x'.repeat(10_000))]);
  expect(lines.all[0]?.text.length).toBe(KEPT);
  expect(lines.all[0]?.more).toBe(1_000_000 - KEPT);
});

test('colours are kept, everything else that an escape can do is not', () => {
  expect(pieces('\u001b[31mred\u001b[0m')).toEqual([{ text: 'red', classes: 'fg-ansi-red' }]);
  expect(plain('\u001b]0;title\u0007\u001b[2J\u001b[Hafter')).toBe('after');
  expect(plain('\u001b]8;;javascript:alert(1)\u001b\\click\u001b]8;;\u001b\\')).toBe('click');
  expect(plain('one\rtwo')).toBe('two');
  expect(plain('\u001bPq~evil\u001b\\ok\u202e')).toBe('ok');
});

test('what is read later but was printed before is put before it, and a line that was cut there is one again', () => {
  const end = new Lines();
  end.push([out('d of it\nlast\n')]);
  const begin = new Lines();
  begin.push([out('first\nthe en')]);
  expect(begin.before(end.all).map((line) => line.text)).toEqual(['first', 'the end of it', 'last']);
});
