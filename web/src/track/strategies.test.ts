import { describe, expect, it } from 'vitest';
import type { Preview } from '../api/types';
import { shownCandidate } from './strategies';

const preview = (chosen: string | null, ...strategies: string[]) =>
  ({ chosen, candidates: strategies.map((strategy) => ({ strategy })) }) as unknown as Preview;

describe('shownCandidate', () => {
  it('is the picked one as long as it was found', () => {
    const found = preview('json_ld', 'json_ld', 'open_graph');
    expect(shownCandidate(found, null)?.strategy).toBe('json_ld');
    expect(shownCandidate(found, 'open_graph')?.strategy).toBe('open_graph');
    expect(shownCandidate(found, 'microdata')?.strategy).toBe('json_ld');
  });

  it('is none where nothing was found', () => {
    expect(shownCandidate(preview(null), null)).toBeNull();
  });
});
