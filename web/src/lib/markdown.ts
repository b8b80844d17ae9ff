// Markdown from runs, made harmless: what agents wrote may hold anything.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const TAGS = [
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'ul', 'ol', 'li', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a', 'table', 'thead',
  'tbody', 'tr', 'th', 'td', 'input',
];

const purify = DOMPurify();
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    const target = node.getAttribute('href') ?? '';
    if (!/^(https?:|mailto:|#)/i.test(target)) node.removeAttribute('href');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
    node.setAttribute('target', '_blank');
  }
  if (node.tagName === 'INPUT') {
    if (node.getAttribute('type') !== 'checkbox') node.remove();
    node.setAttribute('disabled', '');
    node.setAttribute('aria-label', 'item of a list');
  }
  if (node.tagName === 'TABLE' || node.tagName === 'PRE') node.setAttribute('tabindex', '0');
});

/** Sanitised HTML: no pictures (they would tell others who looks), no styles, no scripts, links only to web and mail. */
export function markdown(text: string): string {
  const html = marked.parse(text, { async: false, gfm: true });
  return purify.sanitize(html, { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ['href', 'align', 'type', 'checked', 'start'], ALLOW_DATA_ATTR: false });
}
