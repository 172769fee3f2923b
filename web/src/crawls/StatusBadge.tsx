import { LoaderCircle } from 'lucide-react';
import type { Crawl } from '../api/types';
import { Badge } from '../ui/Badge';
import { useCrawlText } from './useCrawlText';
import { statusTone } from './words';

export function StatusBadge({ crawl }: { crawl: Crawl }) {
  const text = useCrawlText();
  return (
    <Badge tone={statusTone(crawl.status)}>
      {crawl.status === 'running' && <LoaderCircle aria-hidden className="size-3 animate-spin" />}
      {text.status(crawl)}
    </Badge>
  );
}
