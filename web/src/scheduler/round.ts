/** Offered lengths between the beginnings of two rounds, in seconds; the server allows 5 minutes to 7 days. */
export const ROUND_INTERVALS = [300, 900, 1_800, 3_600, 21_600, 43_200, 86_400, 604_800] as const;
export const MOST_KEYWORDS = 50;

/** The offered lengths, and the one that is set should it be another. */
export const intervalChoices = (set: number): number[] => [...new Set([...ROUND_INTERVALS, set])].toSorted((a, b) => a - b);

/** Adds words to a list: each once, whatever its case, and no more than the server takes. */
export function withKeywords(words: readonly string[], more: readonly string[]): string[] {
  const all = [...words];
  for (const word of more) {
    const known = all.some((each) => each.toLowerCase() === word.toLowerCase());
    if (word !== '' && !known && all.length < MOST_KEYWORDS) all.push(word);
  }
  return all;
}

/** What is left until an instant as "1:02:03" or "02:03"; never below nothing. */
export function countdown(until: Date, now: Date): string {
  const left = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}
