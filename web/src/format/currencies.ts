/** Those that most marketplaces sell in stand first. */
const COMMON = ['USD', 'EUR', 'GBP', 'CNY', 'TWD', 'HKD', 'JPY', 'AUD', 'CAD', 'SGD'];

/** Every currency the browser knows, and `chosen` even if it does not know it. */
export const currencies = (chosen: string): string[] => [...new Set([...COMMON, ...Intl.supportedValuesOf('currency'), chosen])];
