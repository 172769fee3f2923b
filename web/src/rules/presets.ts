import { type Draft, newGroup, newTest } from './draft';

/** Rules that many want, to begin with. */
export const PRESETS = ['drop', 'deal', 'target', 'lowest', 'restock', 'rank', 'buyBox', 'rating', 'content'] as const;

export type Preset = (typeof PRESETS)[number];

/** The form of a preset. `currency` is what its amounts are in. */
export function presetOf(name: Preset, currency: string): ReturnType<typeof newGroup> {
  const tests: Record<Preset, () => Draft> = {
    drop: () => newTest({ currency, amount: '10' }),
    deal: () => newTest({ currency, baseline: 'median', days: '30', amount: '15', hysteresis: '5', step: '5' }),
    target: () => newTest({ currency, test: 'level', amount: '' }),
    lowest: () => newTest({ currency, test: 'extreme', extreme: 'lowest', days: '90' }),
    restock: () => newTest({ currency, test: 'availability', stock: 'restock' }),
    rank: () => newTest({ currency, metric: 'rank', direction: 'both', amount: '30' }),
    buyBox: () => newTest({ currency, test: 'buy_box', buyBox: 'changed' }),
    rating: () => newTest({ currency, test: 'level', metric: 'rating', bound: 'at_or_below', amount: '4' }),
    content: () => newTest({ currency, test: 'content' }),
  };
  return newGroup([tests[name]()]);
}
