import { Package } from 'lucide-react';
import { useState } from 'react';
import { classes } from './classes';

/**
 * A product's picture on a quiet ground, or a place-holder where there is none or it does not
 * load. Shops' pictures are white-backed; on light pages multiplying melts the white into the ground.
 */
export function Picture({
  src,
  alt,
  eager = false,
  className,
}: {
  src: string | null | undefined;
  alt: string;
  eager?: boolean;
  className?: string;
}) {
  const [broken, setBroken] = useState<string | null>(null);
  const show = src !== null && src !== undefined && src !== '' && src !== broken;
  return (
    <span className={classes('flex items-center justify-center overflow-hidden bg-sunken dark:bg-[#dfe3df]', className, !show && 'dark:bg-sunken!')}>
      {show ? (
        <img
          src={src}
          alt={alt}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
          referrerPolicy="no-referrer"
          onError={() => setBroken(src)}
          className="size-full rounded-lg object-contain mix-blend-multiply"
        />
      ) : (
        <Package aria-hidden className="size-1/4 max-h-16 min-h-5 max-w-16 min-w-5 text-muted/60" strokeWidth={1.25} />
      )}
    </span>
  );
}
