import { useTranslation } from 'react-i18next';
import type { Statistics } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { about, standing, weekdayName } from './choose';

/** Says in words what the numbers mean; what cannot be said is left out. */
export function useSentences(): (statistics: Statistics) => string[] {
  const { t } = useTranslation();
  const format = useFormat();
  const time = (seconds: number) => format.interval(about(seconds));

  const ofPrice = (price: NonNullable<Statistics['price']>): (string | null)[] => {
    const place = standing(price);
    const year = price.averages.at(-1);
    const span = time((year?.covered_days ?? 0) * 86_400);
    const slide = price.slides[0];
    const trend = price.trend ?? null;
    return [
      place === null
        ? null
        : place.word === 'same'
          ? t('product.stats.sentence.same', { span })
          : t(`product.stats.sentence.${place.word}`, { percent: format.share(place.percent), span }),
      trend === null || trend.direction === 'unclear'
        ? null
        : trend.direction === 'steady'
          ? t('product.stats.sentence.steady', { days: trend.days })
          : t(`product.stats.sentence.${trend.direction}`, {
              percent: format.share(Math.abs(trend.percent_per_30_days)),
              sure: format.share(Math.floor((trend.confidence ?? 0) * 100)),
            }),
      slide === undefined || !slide.running
        ? null
        : t('product.stats.sentence.slide', {
            count: slide.cuts,
            date: format.date(slide.from),
            percent: format.share(Math.abs(slide.percent)),
          }),
    ];
  };

  const ofRestocks = (stock: Statistics['stock']): string | null => {
    const restocks = stock.restocks ?? null;
    if (restocks?.typical_gap_seconds == null) return null;
    const every = time(restocks.typical_gap_seconds);
    return restocks.weekday == null
      ? t('product.stats.sentence.restocks', { every })
      : t('product.stats.sentence.restocksOn', { every, weekday: weekdayName(restocks.weekday.weekday, format.locale) });
  };

  const ofForecast = (stock: Statistics['stock']): string | null => {
    const forecast = stock.forecast ?? null;
    if (forecast === null) {
      return stock.forecast_missing === 'longer_than_ever'
        ? t(stock.in_stock === true ? 'product.stats.sentence.lasting' : 'product.stats.sentence.missing')
        : null;
    }
    const expected = t(`product.stats.sentence.${forecast.event}`, { date: format.date(forecast.expected_at) });
    const between =
      forecast.latest_at == null
        ? t('product.stats.sentence.notBefore', { from: format.date(forecast.earliest_at) })
        : t('product.stats.sentence.between', {
            from: format.date(forecast.earliest_at),
            to: format.date(forecast.latest_at),
          });
    const tested =
      forecast.error_seconds == null
        ? t('product.stats.sentence.untested')
        : t('product.stats.sentence.tested', { count: forecast.tested, error: time(forecast.error_seconds) });
    return `${expected} ${between} ${tested}`;
  };

  return (statistics) =>
    [
      ...(statistics.price == null ? [] : ofPrice(statistics.price)),
      ofRestocks(statistics.stock),
      ofForecast(statistics.stock),
    ].filter((sentence) => sentence !== null);
}
