// Short words about what the viewer did: that it was done, or why it was not.
import { trouble, type Trouble } from '../api/client';

export interface Word { id: number; text: string; problem: Trouble | null }

class Said {
  words = $state.raw<Word[]>([]);
  #next = 1;

  say(text: string, problem: Trouble | null = null): void {
    const word = { id: this.#next++, text, problem };
    this.words = [...this.words.slice(-3), word];
    // What went wrong stays until it is put away.
    if (!problem) setTimeout(() => this.drop(word.id), 6000);
  }

  drop(id: number): void { this.words = this.words.filter((word) => word.id !== id); }

  /** Does something and says how it went; true if it went well. */
  async about(done: string, deed: () => Promise<unknown>): Promise<boolean> {
    try {
      await deed();
      this.say(done);
      return true;
    } catch (thrown) {
      const problem = trouble(thrown);
      this.say(problem.detail ?? problem.title, problem);
      return false;
    }
  }
}

export const said = new Said();
