import { describe, expect, it, vi } from 'vitest';
import { Leaving } from './leaving';

function setUp(...answers: (number | Error)[]) {
  const kept = new Map<string, string>();
  const leave = vi.fn(async () => {
    const next = answers.shift() ?? 204;
    if (next instanceof Error) throw next;
    return { status: next };
  });
  const parts = {
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    leave,
    exclusively: <T>(work: () => Promise<T>) => work(),
  };
  return { leaving: new Leaving(parts), leave, parts };
}

describe('Leaving', () => {
  it('is done when the server has done it', async () => {
    const { leaving, leave } = setUp(204);
    await leaving.begin();
    expect(leaving.pending).toBe(false);
    await leaving.finish();
    expect(leave).toHaveBeenCalledTimes(1);
  });

  it('tries again, also after a reload, until the server answers', async () => {
    const { leaving, leave, parts } = setUp(new TypeError('network'), 503, 204);
    await leaving.begin();
    expect(leaving.pending).toBe(true);
    const reloaded = new Leaving(parts);
    await reloaded.finish();
    expect(reloaded.pending).toBe(true);
    await reloaded.finish();
    expect(reloaded.pending).toBe(false);
    expect(leave).toHaveBeenCalledTimes(3);
  });

  it('takes a refusal for done: there is no such session any more', async () => {
    const { leaving } = setUp(401);
    await leaving.begin();
    expect(leaving.pending).toBe(false);
  });

  it('asks once for all who wait for it', async () => {
    const { leaving, leave } = setUp(204);
    await Promise.all([leaving.begin(), leaving.finish(), leaving.finish()]);
    expect(leave).toHaveBeenCalledTimes(1);
  });
});
