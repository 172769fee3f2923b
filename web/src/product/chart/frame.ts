import type { useFormat } from '../../format/useFormat';

/** What every chart over time is drawn with. */
export interface Frame {
  /** What the time axis shows, in milliseconds since 1970. */
  from: number;
  to: number;
  format: ReturnType<typeof useFormat>;
  /** Little room: fewer labels. */
  narrow: boolean;
  /** No animation. */
  still: boolean;
  /** A canvas inherits no font. */
  font: string;
  /** The value of a colour role in the current theme. */
  colour: (name: string) => string;
}

/** How the page stands around a chart: its room, colours and font. */
export function surroundings(element: HTMLElement): Pick<Frame, 'narrow' | 'still' | 'font' | 'colour'> {
  const style = getComputedStyle(document.documentElement);
  return {
    narrow: element.clientWidth < 560,
    still: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    font: getComputedStyle(document.body).fontFamily,
    colour: (name) => style.getPropertyValue(`--${name}`).trim(),
  };
}

export const labelOf = ({ colour, font }: Frame) => ({ color: colour('muted'), fontFamily: font, fontSize: 11, hideOverlap: true });

/** The time axis below. */
export function timeAxis(frame: Frame) {
  const { from, to, narrow, format, colour } = frame;
  return {
    type: 'time',
    min: from,
    max: to,
    splitNumber: narrow ? 3 : 6,
    axisLine: { lineStyle: { color: colour('line') } },
    axisTick: { show: false },
    axisLabel: { ...labelOf(frame), formatter: (at: number) => tickLabel(at, to - from, format.locale) },
  };
}

/** An axis of values, without its labels. */
export function valueAxis(frame: Frame) {
  return {
    type: 'value',
    scale: true,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    nameTextStyle: { ...labelOf(frame), padding: [0, 0, 4, 0] },
  };
}

/** Pinching and dragging, and a slider where there is room. */
export function zooms({ narrow, colour }: Frame) {
  return [
    // The wheel zooms with Ctrl held: the plain wheel scrolls the page.
    { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, filterMode: 'none', minValueSpan: 3_600_000 },
    {
      type: 'slider',
      show: !narrow,
      filterMode: 'none',
      height: 16,
      bottom: 8,
      showDetail: false,
      borderColor: 'transparent',
      backgroundColor: colour('sunken'),
      fillerColor: `${colour('chart-price')}22`,
      // The miniature would draw slopes where there are steps.
      showDataShadow: false,
      handleStyle: { color: colour('surface'), borderColor: colour('line-strong') },
      moveHandleSize: 0,
      brushSelect: false,
    },
  ];
}

export type Dash = 'solid' | number[];

/** One line of a tooltip; one without text is left out. */
export interface Told {
  name: string;
  text: string | null;
  colour: string;
  dash: Dash;
}

/** A tooltip that tells, of any instant, what held then. */
export function tooltipOf({ colour, font, format }: Frame, told: (at: number) => Told[]) {
  return {
    trigger: 'axis',
    axisPointer: { type: 'line', lineStyle: { color: colour('line-strong'), type: 'dotted' }, snap: false },
    backgroundColor: colour('surface'),
    borderColor: colour('line'),
    textStyle: { color: colour('ink'), fontFamily: font, fontSize: 13 },
    confine: true,
    transitionDuration: 0,
    formatter: (hits: unknown) => {
      const at = Number((hits as { axisValue?: number }[])[0]?.axisValue ?? Number.NaN);
      return tooltip(format.dateTime(new Date(at).toISOString()), told(at));
    },
  };
}

/** Built from nodes, never from text with markup in it. */
function tooltip(title: string, lines: Told[]): HTMLElement {
  const box = document.createElement('div');
  const head = document.createElement('div');
  head.textContent = title;
  head.style.cssText = 'font-weight:600;margin-bottom:4px';
  box.append(head);
  for (const { name, text, colour, dash } of lines) {
    if (text === null) continue;
    const row = document.createElement('div');
    row.style.cssText = 'display:flex;gap:8px;align-items:center';
    const mark = document.createElement('span');
    mark.style.cssText = `width:16px;flex:none;border-top:2px ${dash === 'solid' ? 'solid' : 'dashed'} ${colour}`;
    const label = document.createElement('span');
    label.textContent = name;
    label.style.cssText = 'margin-right:12px;max-width:16em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap';
    const value = document.createElement('span');
    value.textContent = text;
    value.style.cssText = 'margin-left:auto;font-weight:600;font-variant-numeric:tabular-nums';
    row.append(mark, label, value);
    box.append(row);
  }
  return box;
}

const DAY = 86_400_000;

function tickLabel(at: number, span: number, locale: string): string {
  const date = new Date(at);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (span <= 3 * DAY && !midnight) {
    return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(date);
  }
  if (span > 400 * DAY) return new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short' }).format(date);
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(date);
}
