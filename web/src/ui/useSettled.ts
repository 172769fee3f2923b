import { useEffect, useState } from 'react';

/** A value once it has been the same for a while, in milliseconds: typing asks for nothing with every letter. */
export function useSettled<T>(value: T, pause = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}
