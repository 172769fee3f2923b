import type { EChartsCoreOption } from 'echarts/core';
import type { useFormat } from '../../format/useFormat';
import { type Point, stepsOf, valueAt } from './series';

interface Parts {
  price: readonly Point[];
  rank: readonly Point[];
  currency: string | null;
  from: number;
  to: number;
  end: number;
  format: ReturnType<typeof useFormat>;
  /** Little room: fewer labels. */
  narrow: boolean;
  /** No animation. */
  still: boolean;
  words: { price: string; rank: string; gap: string };
  /** A canvas inherits no font. */
  font: string;
  /** The value of a colour role in the current theme. */
  colour: (name: string) => string;
}

/** The whole picture as ECharts reads it: price left, rank right and upside down, both as steps. */
export function chartOption(parts: Parts): EChartsCoreOption {
  const { price, rank, currency, from, to, end, format, narrow, still, words, font, colour } = parts;
  const label = { color: colour('muted'), fontFamily: font, fontSize: 11, hideOverlap: true };
  const money = (value: string) => (currency === null ? value : format.money({ amount: value, currency }));
  const scale = {
    type: 'value',
    scale: true,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    nameTextStyle: { ...label, padding: [0, 0, 4, 0] },
  };
  const line = (name: string, points: readonly Point[], axis: number, role: string, dashed: boolean) => ({
    name,
    type: 'line',
    step: 'end',
    yAxisIndex: axis,
    data: stepsOf(points, end),
    connectNulls: false,
    // One look alone has no line to be seen by.
    showSymbol: points.length < 2,
    symbol: dashed ? 'rect' : 'circle',
    symbolSize: 7,
    lineStyle: { width: 2, color: colour(role), type: dashed ? [6, 4] : 'solid', cap: 'butt' },
    itemStyle: { color: colour(role) },
    emphasis: { disabled: true },
    ...(dashed ? {} : { areaStyle: { color: colour(role), opacity: 0.07, origin: 'start' } }),
  });

  return {
    animation: !still,
    animationDuration: 300,
    grid: { left: 8, right: 8, top: 30, bottom: narrow ? 8 : 44, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'time',
      min: from,
      max: to,
      splitNumber: narrow ? 3 : 6,
      axisLine: { lineStyle: { color: colour('line') } },
      axisTick: { show: false },
      axisLabel: { ...label, formatter: (at: number) => tickLabel(at, to - from, format.locale) },
    },
    yAxis: [
      {
        ...scale,
        show: price.length > 0,
        name: words.price,
        nameTextStyle: { ...scale.nameTextStyle, align: 'left' },
        axisLabel: { ...label, formatter: (value: number) => money(String(value)) },
        splitLine: { lineStyle: { color: colour('line') } },
      },
      {
        ...scale,
        show: rank.length > 0,
        inverse: true,
        nameLocation: 'start',
        name: words.rank,
        nameTextStyle: { ...scale.nameTextStyle, align: 'right' },
        minInterval: 1,
        axisLabel: { ...label, formatter: (value: number) => format.compact(value) },
        splitLine: { show: price.length === 0, lineStyle: { color: colour('line') } },
      },
    ],
    series: [
      line(words.price, price, 0, 'chart-price', false),
      line(words.rank, rank, 1, 'chart-rank', true),
    ],
    dataZoom: [
      // Pinching and dragging, and the wheel with Ctrl held: the plain wheel scrolls the page.
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
    ],
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: colour('line-strong'), type: 'dotted' }, snap: false },
      backgroundColor: colour('surface'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontFamily: font, fontSize: 13 },
      confine: true,
      transitionDuration: 0,
      formatter: (hits: unknown) => {
        const at = Number((hits as { axisValue?: number }[])[0]?.axisValue ?? Number.NaN);
        const held = (points: readonly Point[], show: (value: string) => string) => {
          const value = valueAt(points, at);
          return value === undefined ? null : value === null ? words.gap : show(value);
        };
        return tooltip(format.dateTime(new Date(at).toISOString()), [
          { name: words.price, text: held(price, money), colour: colour('chart-price'), dashed: false },
          { name: words.rank, text: held(rank, (value) => format.number(Number(value))), colour: colour('chart-rank'), dashed: true },
        ]);
      },
    },
  };
}

/** Built from nodes, never from text with markup in it. */
function tooltip(
  title: string,
  lines: { name: string; text: string | null; colour: string; dashed: boolean }[],
): HTMLElement {
  const box = document.createElement('div');
  const head = document.createElement('div');
  head.textContent = title;
  head.style.cssText = 'font-weight:600;margin-bottom:4px';
  box.append(head);
  for (const { name, text, colour, dashed } of lines) {
    if (text === null) continue;
    const row = document.createElement('div');
    row.style.cssText = 'display:flex;gap:8px;align-items:center';
    const mark = document.createElement('span');
    mark.style.cssText = `width:16px;border-top:2px ${dashed ? 'dashed' : 'solid'} ${colour}`;
    const label = document.createElement('span');
    label.textContent = name;
    label.style.cssText = 'margin-right:12px';
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
