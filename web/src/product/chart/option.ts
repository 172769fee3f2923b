import type { EChartsCoreOption } from 'echarts/core';
import { type Dash, type Frame, labelOf, timeAxis, tooltipOf, valueAxis, zooms } from './frame';
import { heightAt, jumpsOf, type Mark, type Point, stepsOf, valueAt } from './series';

interface Parts extends Frame {
  price: readonly Point[];
  rank: readonly Point[];
  currency: string | null;
  end: number;
  /** Instants to point out, each on the line that it is about. */
  marks: readonly Mark[];
  /** Colour roles of the left line's rises and falls. */
  moves: { up: string; down: string };
  /** What the left line is, the price or another figure, and the rest. */
  words: { price: string; rank: string; gap: string; marks: string };
}

const RANK_DASH = [6, 4];

/** The whole picture as ECharts reads it: price left, rank right and upside down, both as steps. */
export function chartOption(parts: Parts): EChartsCoreOption {
  const { price, rank, currency, end, marks, moves, format, narrow, still, words, colour } = parts;
  const label = labelOf(parts);
  const scale = valueAxis(parts);
  const money = (value: string) => (currency === null ? value : format.money({ amount: value, currency }));
  const line = (name: string, points: readonly Point[], axis: number, role: string, dash: Dash) => ({
    name,
    type: 'line',
    step: 'end',
    yAxisIndex: axis,
    data: stepsOf(points, end),
    connectNulls: false,
    // One look alone has no line to be seen by.
    showSymbol: points.length < 2,
    symbol: dash === 'solid' ? 'circle' : 'rect',
    symbolSize: 7,
    lineStyle: { width: 2, color: colour(role), type: dash, cap: 'butt' },
    itemStyle: { color: colour(role) },
    emphasis: { disabled: true },
    ...(dash === 'solid' ? { areaStyle: { color: colour(role), opacity: 0.07, origin: 'start' } } : {}),
  });
  // Upright parts only, over the line: where it rises and where it falls.
  const jumps = (direction: 'up' | 'down') => ({
    name: words.price,
    type: 'line',
    data: jumpsOf(price, direction),
    connectNulls: false,
    showSymbol: false,
    lineStyle: { width: 3, color: colour(moves[direction]), cap: 'butt' },
    emphasis: { disabled: true },
    z: 3,
  });
  const pins = (points: readonly Point[], axis: number, of: Mark['on']) => ({
    name: words.marks,
    type: 'line',
    yAxisIndex: axis,
    data: marks
      .filter((mark) => mark.on === of && points.length > 0)
      .map((mark) => [mark.at, heightAt(points, mark.at)]),
    lineStyle: { opacity: 0 },
    showSymbol: true,
    symbol: 'diamond',
    symbolSize: 13,
    itemStyle: { color: colour('chart-mark'), borderColor: colour('surface'), borderWidth: 1.5 },
    emphasis: { disabled: true },
    z: 5,
  });

  return {
    animation: !still,
    animationDuration: 300,
    grid: { left: 8, right: 8, top: 30, bottom: narrow ? 8 : 44, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: timeAxis(parts),
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
      line(words.price, price, 0, 'chart-price', 'solid'),
      jumps('up'),
      jumps('down'),
      line(words.rank, rank, 1, 'chart-rank', RANK_DASH),
      pins(price, 0, 'price'),
      pins(rank, 1, 'rank'),
    ],
    dataZoom: zooms(parts),
    tooltip: tooltipOf(parts, (at) => {
      const held = (points: readonly Point[], show: (value: string) => string) => {
        const value = valueAt(points, at);
        return value === undefined ? null : value === null ? words.gap : show(value);
      };
      return [
        { name: words.price, text: held(price, money), colour: colour('chart-price'), dash: 'solid' },
        { name: words.rank, text: held(rank, (value) => format.number(Number(value))), colour: colour('chart-rank'), dash: RANK_DASH },
      ];
    }),
  };
}
