import { describe, expect, it } from 'vitest';
import { detailWord, fieldWord } from './serverWords';

describe('the server’s words', () => {
  it('of a field have a text of the page', () => {
    expect(fieldWord('is taken')).toBe('problem.field.slugTaken');
    expect(fieldWord('must be the current password')).toBe('problem.field.passwordWrong');
  });

  it('of a request have one by how they begin', () => {
    expect(detailWord('The role viewer may not do this. Ask an owner or admin of the tenant for the role member.')).toBe('problem.denied.advice');
    expect(detailWord('A tenant keeps at least one owner, and this is the last one.')).toBe('members.lastOwner');
  });

  it('that are newer than the page are known as such', () => {
    expect([fieldWord('must rhyme'), fieldWord('toString'), detailWord('Something else.')]).toEqual([null, null, null]);
  });
});
