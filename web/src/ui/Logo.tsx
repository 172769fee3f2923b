/** The mark: a bell on the house colour. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" fill="#0b6b5d" />
      <path
        d="M9.5 20.5c1.4-1.3 1.7-3 1.7-5.7a4.8 4.8 0 0 1 9.6 0c0 2.7.3 4.4 1.7 5.7z"
        fill="none"
        stroke="#fff"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <path d="M16 7.6v2.2" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
      <circle cx="16" cy="23.8" r="1.9" fill="#e9b654" />
    </svg>
  );
}
