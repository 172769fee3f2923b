import { describe, expect, it } from 'vitest';
import { contentChanges } from './content';

describe('contentChanges', () => {
  it('tells texts as they are and lists by their number', () => {
    expect(
      contentChanges([
        { field: 'title', before: 'Old', after: 'New' },
        { field: 'images', before: ['a', 'b'], after: ['a'] },
        { field: 'features', before: null, after: ['x'] },
        { field: 'smell', before: 'good', after: 'bad' },
      ]),
    ).toEqual([
      { kind: 'text', before: 'Old', after: 'New' },
      { kind: 'images', before: 2, after: 1 },
      { kind: 'features', before: 0, after: 1 },
    ]);
    expect(contentChanges([{ field: 'title', before: '', after: 7 }])).toEqual([{ kind: 'text', before: null, after: null }]);
  });
});
