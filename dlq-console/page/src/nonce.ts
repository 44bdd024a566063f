/** The mark by which the page's policy knows the styles that its own scripts make. */

// The browser hides a nonce from the document's text; scripts of the page may read the property.
export const nonce = document.querySelector<HTMLElement>('script[nonce]')?.nonce ?? '';

/**
 * Has every style element that scripts make carry the nonce. The kit puts it on most; those by which it measures the
 * width of scroll bars and keeps the page behind a dialog from scrolling have none, and would be kept out and reported.
 */
export function markStyles(): void {
  type Create = (name: string, options?: ElementCreationOptions) => HTMLElement;
  const create: Create = Reflect.get(document, 'createElement').bind(document);
  const createMarked: Create = (name, options) => {
    const made = create(name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
  Object.assign(document, { createElement: createMarked });
}
