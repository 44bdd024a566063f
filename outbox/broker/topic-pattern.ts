/**
 * Whether a routing key matches a pattern of a topic exchange: words are parted by dots, `*` stands for exactly
 * one word and `#` for any number of words, none included.
 * Source: https://www.rabbitmq.com/tutorials/tutorial-five-javascript
 *
 * Takes (words of the pattern × words of the key) steps, so no pattern can make it slow.
 */
export function topicMatches(pattern: string, routingKey: string): boolean {
  const keyWords = words(routingKey);
  // reachable[n]: the pattern so far can match exactly the first n words of the key.
  let reachable = [true, ...keyWords.map(() => false)];
  for (const word of words(pattern)) {
    reachable = word === '#' ? afterHash(reachable) : afterWord(reachable, word, keyWords);
  }
  return reachable[keyWords.length] === true;
}

/** The empty key has no words, as in RabbitMQ. */
function words(text: string): string[] {
  return text === '' ? [] : text.split('.');
}

function afterHash(reachable: readonly boolean[]): boolean[] {
  const first = reachable.indexOf(true);
  return reachable.map((_, count) => first !== -1 && count >= first);
}

function afterWord(reachable: readonly boolean[], word: string, keyWords: readonly string[]): boolean[] {
  return reachable.map(
    (_, count) =>
      count > 0 && reachable[count - 1] === true && (word === '*' || word === keyWords[count - 1]),
  );
}
