// Tells the viewer of open decisions outside of the page: in its title, its icon and, if they want it, a notice of the browser.
import type { InboxEntry } from '../api/types';
import icon from '../assets/icon.svg';
import { router, runLink } from '../lib/router.svelte';

const KEY = 'band.notices';
const known = new Set<string>();
let first = true;

const granted = (): boolean => 'Notification' in window && Notification.permission === 'granted';
const chosen = (): boolean => localStorage.getItem(KEY) === 'yes' && granted();

class Notices {
  // What was allowed once may have been taken back in the browser since.
  wanted = $state(chosen());

  constructor() {
    // Switched in another tab of this page.
    addEventListener('storage', (event) => { if (event.key === KEY) this.wanted = chosen(); });
  }

  get possible(): boolean { return 'Notification' in window && Notification.permission !== 'denied'; }

  async toggle(): Promise<void> {
    if (this.wanted) {
      this.wanted = false;
    } else {
      this.wanted = (await Notification.requestPermission()) === 'granted';
    }
    localStorage.setItem(KEY, this.wanted ? 'yes' : 'no');
  }
}

export const notices = new Notices();

class Title {
  count = $state(0);
  place = $state('Bandleader');
}
export const title = new Title();

/** These are open now. */
export function announce(open: InboxEntry[]): void {
  title.count = open.length;
  badge(open.length);
  for (const one of open) {
    const key = `${one.run}/${one.decision}`;
    if (known.has(key)) continue;
    known.add(key);
    if (first || !notices.wanted || !document.hidden) continue;
    tell(one, key);
  }
  first = false;
}

function tell(one: InboxEntry, key: string): void {
  try {
    // By its tag, several tabs of this page tell of a question once.
    const notice = new Notification(one.mission, { body: one.question.text, tag: key, icon });
    notice.onclick = () => {
      window.focus();
      notice.close();
      router.go(runLink(one.run, `decisions/${one.decision}`));
    };
  } catch { /* browsers of phones have the word but not the deed: title and icon tell there */ }
}

/** The favicon with a dot and a count. Drawn as a picture, because icons know no text. */
function badge(count: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!link) return;
  if (count === 0) {
    link.href = icon;
    return;
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.fillStyle = '#3f51c7';
  pen.beginPath();
  pen.roundRect(0, 0, 64, 64, 14);
  pen.fill();
  pen.fillStyle = '#fff';
  pen.fillRect(10, 34, 26, 8);
  pen.fillRect(16, 48, 36, 8);
  pen.fillStyle = '#e8a33d';
  pen.beginPath();
  pen.arc(44, 20, 20, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#20160a';
  pen.font = 'bold 28px sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(count > 9 ? '9+' : String(count), 44, 22);
  link.href = canvas.toDataURL('image/png');
}
