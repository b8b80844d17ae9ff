// Light or dark: as the viewer's system has it, or as they chose here.

type Choice = 'auto' | 'light' | 'dark';
const KEY = 'band.theme';
const kept = localStorage.getItem(KEY);

class Theme {
  choice = $state<Choice>(kept === 'light' || kept === 'dark' ? kept : 'auto');
  /** Counts changes, for what draws its colours itself. */
  changes = $state(0);

  constructor() {
    this.#show();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.changes += 1; });
    // Chosen in another tab of this page.
    addEventListener('storage', (event) => {
      if (event.key !== KEY) return;
      this.choice = event.newValue === 'light' || event.newValue === 'dark' ? event.newValue : 'auto';
      this.#show();
      this.changes += 1;
    });
  }

  next(): void {
    this.choice = this.choice === 'auto' ? 'light' : this.choice === 'light' ? 'dark' : 'auto';
    localStorage.setItem(KEY, this.choice);
    this.#show();
    this.changes += 1;
  }

  #show(): void {
    if (this.choice === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.choice;
  }
}

export const theme = new Theme();
