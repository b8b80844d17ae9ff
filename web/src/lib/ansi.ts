// One line of output as pieces of text with a few safe classes. Escapes other than colours are left out; nothing becomes markup.
import Anser from 'anser';

export interface Piece { text: string; classes: string }

// Everything that starts with ESC and is no colour: titles, links, cursor movement, device strings; then other control letters.
// eslint-disable-next-line no-control-regex
const STRINGS = /\u001b[\]PX^_][\s\S]*?(?:\u0007|\u001b\\|$)/g;
// eslint-disable-next-line no-control-regex
const MOVES = /\u001b(?:\[[0-?]*[ -/]*[@-ln-~]|[ -/]*[0-Z\\^-~])/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** What a line says, without any escapes: for search and for copying. */
// eslint-disable-next-line no-control-regex
export const plain = (line: string): string => clean(line).replace(/\u001b\[[0-9;:]*m/g, '').replaceAll('\u001b', '');

function clean(line: string): string {
  // What a carriage return would have overwritten is not shown.
  const kept = line.replace(/\r+$/, '');
  const last = kept.slice(kept.lastIndexOf('\r') + 1);
  return last.replace(STRINGS, '').replace(MOVES, '').replace(CONTROLS, '');
}

export function pieces(line: string): Piece[] {
  const text = clean(line);
  if (!text.includes('\u001b')) return [{ text, classes: '' }];
  return Anser.ansiToJson(text, { use_classes: true, remove_empty: true }).map((part) => ({
    text: part.content.replaceAll('\u001b', ''),
    classes: [
      /^ansi-[a-z-]+$/.test(part.fg ?? '') ? `fg-${part.fg}` : '',
      /^ansi-[a-z-]+$/.test(part.bg ?? '') ? `bg-${part.bg}` : '',
      ...(part.decorations ?? []).map((one) => `is-${one}`),
    ].filter(Boolean).join(' '),
  }));
}
