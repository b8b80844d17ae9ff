// A unified diff as files with lines. Pure.

export interface File { name: string; added: number; removed: number; lines: { kind: 'plus' | 'minus' | 'place' | 'same'; text: string }[] }

export function filesOf(diff: string): File[] {
  const files: File[] = [];
  let file: File | null = null;
  let inside = false;
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) {
      file = { name: line.slice(line.lastIndexOf(' b/') + 3) || line, added: 0, removed: 0, lines: [] };
      files.push(file);
      inside = false;
    } else if (!file) {
      continue;
    } else if (line.startsWith('@@')) {
      inside = true;
      file.lines.push({ kind: 'place', text: line });
    } else if (!inside) {
      if (/^(new|deleted) file|^rename |^Binary /.test(line)) file.lines.push({ kind: 'place', text: line });
    } else if (line.startsWith('+')) {
      file.added += 1;
      file.lines.push({ kind: 'plus', text: line });
    } else if (line.startsWith('-')) {
      file.removed += 1;
      file.lines.push({ kind: 'minus', text: line });
    } else if (line !== '') {
      file.lines.push({ kind: 'same', text: line });
    }
  }
  return files;
}
