/** 128 random bits as text. */
export function randomText(): string {
  // randomUUID exists only on secure origins; a plain-HTTP intranet address is none.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
