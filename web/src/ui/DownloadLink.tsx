import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { session } from '../auth/session';

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
  /** What the file is called. */
  download: string;
}

/**
 * A file that the browser fetches by itself: it may be larger than memory. Nobody renews the cookies for such a request,
 * so that is done before it.
 */
export function DownloadLink({ href, download, children, ...rest }: Props) {
  const fetchFile = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const begin = () => {
      const link = document.createElement('a');
      link.href = href;
      link.download = download;
      link.click();
    };
    // Without a connection the browser itself says best what is wrong.
    void session.turn().then(begin, begin);
  };
  return (
    <a {...rest} href={href} download={download} onClick={fetchFile}>
      {children}
    </a>
  );
}
