import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/Dialog';
import { Segments } from '../ui/Segments';
import { ByAddress } from './ByAddress';
import { BySearch } from './BySearch';

type Way = 'address' | 'search';

/** Asks which product to track: by its page or id, or out of a live search. */
export default function TrackDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>('address');
  return (
    <Dialog open large onOpenChange={(open) => !open && onClose()} title={t('track.title')} description={t('track.description')}>
      <div className="mb-4">
        <Segments
          label={t('track.way.label')}
          value={way}
          onChange={setWay}
          options={[
            { value: 'address', label: t('track.way.address') },
            { value: 'search', label: t('track.way.search') },
          ]}
        />
      </div>
      {way === 'address' ? <ByAddress onClose={onClose} /> : <BySearch onClose={onClose} />}
    </Dialog>
  );
}
