import { LineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, type EChartsCoreOption, init, use as register } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { type RefObject, useEffect, useRef } from 'react';

register([LineChart, GridComponent, TooltipComponent, DataZoomComponent, LabelLayout, CanvasRenderer]);

/**
 * A chart in an element, as large as it. `option` is made anew when it changes; zoom stays then.
 * Only for modules that are loaded where a chart is shown: the library is the largest part of the page.
 */
export function useChart(option: (element: HTMLElement) => EChartsCoreOption): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = init(element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);

  useEffect(() => {
    if (place.current !== null) chart.current?.setOption(option(place.current), { replaceMerge: ['series'] });
  }, [option]);

  return place;
}
