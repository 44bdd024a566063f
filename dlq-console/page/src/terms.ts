/** The hub's own words in the language of the page; what is none of them, a remote's code for one, stays as it came. */

type Translate = (key: string, options: { readonly defaultValue: string }) => string;

/** One word, such as `points.give_back`. */
export function termOf(word: string, t: Translate): string {
  // A remote's word must not become a path into our words.
  return /^[a-z]+([._][a-z]+)*$/.test(word)
    ? t(`term.${word.replaceAll('.', '_')}`, { defaultValue: word })
    : word;
}

/**
 * An error as a case has it: the hub's words come first, then what the remote said. The cause that it begins with is
 * left out, for it stands beside it.
 */
export function errorInWords(error: string, cause: string, t: Translate): string {
  const words = error.split(' ');
  const rest = words[0] === cause ? words.slice(1) : words;
  const foreign = rest.findIndex((word) => termOf(word, t) === word);
  const own = foreign === -1 ? rest : rest.slice(0, foreign);
  const told = own.map((word) => termOf(word, t)).join(', ');
  return [told, ...rest.slice(own.length)].filter((part) => part !== '').join(' ') || error;
}
