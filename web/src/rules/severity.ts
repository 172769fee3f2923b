export const SEVERITIES = ['by_size', 'info', 'warning', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

export const isSeverity = (word: string): word is Severity => (SEVERITIES as readonly string[]).includes(word);
