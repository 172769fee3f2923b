import { useEffect } from 'react';

/** Names the browser's tab for as long as the component is shown. */
export function useTitle(title: string | null | undefined): void {
  useEffect(() => {
    document.title = title === null || title === undefined || title === '' ? 'Bellwether' : `${title} · Bellwether`;
  }, [title]);
}
