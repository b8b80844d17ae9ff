import { expect, test } from 'vitest';
import { marked } from './marks';

const cut = (texts: string[], words: string) => marked(texts.map((text, at) => ({ text, classes: at % 2 ? 'red' : '' })), words).map((one) => (one.hit ? `[${one.text}]` : one.text));

test('words are found in letters of either case, as often as they stand there', () => {
  expect(cut(['Error: no error'], 'error')).toEqual(['[Error]', ': no ', '[error]']);
  expect(cut(['nothing'], '')).toEqual(['nothing']);
});

test('words that go over the border of two colours are marked in both, which keep their colours', () => {
  expect(cut(['an er', 'ror he', 're'], 'error')).toEqual(['an ', '[er]', '[ror]', ' he', 're']);
  expect(marked([{ text: 'er', classes: '' }, { text: 'ror', classes: 'red' }], 'error').map((one) => one.classes)).toEqual(['', 'red']);
});

test('where the small letters of a text are more than its letters, nothing is marked in the wrong place', () => {
  expect(cut(['İİ error'], 'error')).toEqual(['İİ error']);
});
