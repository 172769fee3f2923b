import type { EChartsCoreOption } from 'echarts/core';
import { type Frame, labelOf, timeAxis, tooltipOf, valueAxis, zooms } from '../product/chart/frame';
import { stepsOf, valueAt } from '../product/chart/series';
import type { Line } from './lines';

/** A line of the chart, with what it is called. */
export interface Drawn extends Line {
  name: string;
}

interface Parts extends Frame {
  lines: readonly Drawn[];
  /** A value on the axis. */
  tick: (value: number) => string;
  /** What a line's value is called where it is told exactly. */
  told: (line: Drawn, value: string) => string;
  upsideDown: boolean;
  words: { axis: string; gap: string };
}

/** A line has so many markers at most: enough to tell it by, not so many that they hide it. */
const MARKERS = 10;

/** One axis for all; every line with its own dash, its markers, and its letter where it ends. */
export function compareOption(parts: Parts): EChartsCoreOption {
  const { lines, tick, told, upsideDown, words, narrow, still, colour, font } = parts;
  const scale = valueAxis(parts);
  return {
    animation: !still,
    animationDuration: 300,
    // Room on the right for the names where the lines end.
    grid: { left: 8, right: narrow ? 26 : 150, top: 30, bottom: narrow ? 8 : 44, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: timeAxis(parts),
    yAxis: {
      ...scale,
      inverse: upsideDown,
      nameLocation: upsideDown ? 'start' : 'end',
      name: words.axis,
      nameTextStyle: { ...scale.nameTextStyle, align: 'left' },
      axisLabel: { ...labelOf(parts), formatter: tick },
      splitLine: { lineStyle: { color: colour('line') } },
    },
    series: lines.map((line) => {
      const { look, name } = line;
      const steps = stepsOf(line.points, line.end);
      const marked = markersOf(steps.length);
      return {
        id: String(line.id),
        name,
        type: 'line',
        step: 'end',
        data: steps.map((value, index) => (marked.has(index) ? { value, symbol: look.symbol, symbolSize: 8 } : { value })),
        connectNulls: false,
        showSymbol: true,
        symbol: 'none',
        lineStyle: { width: 2.25, color: colour(look.role), type: look.dash, cap: 'butt' },
        itemStyle: { color: colour(look.role) },
        emphasis: { disabled: true },
        endLabel: {
          show: true,
          distance: 8,
          formatter: narrow ? `{a|${look.letter}}` : `{a|${look.letter}}  ${shortened(name)}`,
          color: colour('ink'),
          fontFamily: font,
          fontSize: 11,
          rich: { a: { color: colour(look.role), fontFamily: font, fontSize: 12, fontWeight: 'bold' } },
        },
        labelLayout: { moveOverlap: 'shiftY' },
      };
    }),
    dataZoom: zooms(parts),
    tooltip: tooltipOf(parts, (at) =>
      lines.map((line) => {
        const value = valueAt(line.points, at);
        return {
          name: `${line.look.letter}  ${line.name}`,
          text: value === undefined ? null : value === null ? words.gap : told(line, value),
          colour: colour(line.look.role),
          dash: line.look.dash,
        };
      }),
    ),
  };
}

/** Which of so many corners have a marker: spread evenly, the last one among them. */
function markersOf(count: number): Set<number> {
  const gap = Math.max(1, Math.ceil(count / MARKERS));
  const marked = new Set<number>();
  for (let index = count - 1; index >= 0; index -= gap) marked.add(index);
  return marked;
}

/** As much of a name as stands beside a line. Braces and bars mean something to the chart. */
function shortened(name: string): string {
  const plain = name.replaceAll(/[{}|]/g, ' ');
  const letters = [...plain];
  // A Han letter is as wide as two others.
  let width = 0;
  const end = letters.findIndex((letter) => (width += letter.charCodeAt(0) > 0x2e7f ? 2 : 1) > 20);
  return end === -1 ? plain : `${letters.slice(0, end).join('').trim()}…`;
}
