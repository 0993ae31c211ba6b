/** Says progress to a screen reader, politely: seldom, and never the same thing twice. */

/** Sentences come at most this often, except those that tell an end. */
const restMs = 8000;

/** @returns  takes a sentence and gives it back if it is to be spoken now, else `null` */
export function createAnnouncer(now: () => number): (sentence: string, urgent: boolean) => string | null {
  let [last, at] = ['', Number.NEGATIVE_INFINITY];
  return (sentence, urgent) => {
    if (sentence === last || (!urgent && now() - at < restMs)) return null;
    [last, at] = [sentence, now()];
    return sentence;
  };
}
