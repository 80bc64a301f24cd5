/** Endings over time as stacked bars, by state. The tables below have the same numbers for keys and screen readers. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { clock, count } from '../model/amounts.ts';
import { duration } from '../model/durations.ts';
import {
  type Bucket,
  type Buckets,
  hueOf,
  perWords,
  saturationOf,
  widthWords,
} from '../model/reason-buckets.ts';

/** Size of the drawing, in px. */
const SIZE = { height: 250, left: 34, bottom: 22, top: 8 };

/** Width until it is known, in px. */
const USUAL_WIDTH = 1_200;

/** Least distance of two times below the bars, in px. */
const LABEL_STEP = 130;

/** Called with the picked state. */
export type Picked = (state: string) => void;

export function Bars({
  buckets: { buckets, most, width },
  began,
  onPick,
}: {
  readonly buckets: Buckets;
  readonly began: number;
  readonly onPick: Picked;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const across = useWidth(frame);
  const high = SIZE.height - SIZE.bottom - SIZE.top;
  const step = (across - SIZE.left) / buckets.length;
  const bar = Math.min(Math.max(1, step - Math.min(3, step / 4)), 40);
  const scale = ceiling(most);
  const every = Math.max(1, Math.ceil(LABEL_STEP / step));
  return (
    <figure class="reason-bars">
      <div ref={frame}>
        <svg width={across} height={SIZE.height} aria-hidden="true">
          {[0, 0.5, 1].map((part) => (
            <g key={part} class="grid">
              <line
                x1={SIZE.left}
                x2={across}
                y1={SIZE.top + high * (1 - part)}
                y2={SIZE.top + high * (1 - part)}
              />
              {(part * scale) % 1 === 0 && (
                <text x={SIZE.left - 6} y={SIZE.top + high * (1 - part) + 4} text-anchor="end">
                  {count(part * scale)}
                </text>
              )}
            </g>
          ))}
          {buckets.map((bucket, place) => {
            const x = SIZE.left + place * step + (step - bar) / 2;
            let y = SIZE.top + high;
            return (
              <g key={bucket.from}>
                {bucket.counts.map(([state, number]) => {
                  const size = (number / scale) * high;
                  y -= size;
                  return (
                    // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the table below is for the keys
                    <rect
                      key={state}
                      class="reason-colour"
                      ref={(node) => colour(node, state)}
                      x={x}
                      y={y}
                      width={bar}
                      height={size}
                      onClick={() => onPick(state)}
                    >
                      <title>{`${number} × ${state}\n${whenOf(bucket, width, began)}`}</title>
                    </rect>
                  );
                })}
                {place % every === 0 && (
                  <text
                    x={x + bar / 2}
                    y={SIZE.height - 6}
                    text-anchor={place === 0 ? 'start' : 'middle'}
                  >
                    {labelOf(bucket, began)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <figcaption>Endings per {perWords(width)}, by reason. Click a bar to list them.</figcaption>
    </figure>
  );
}

function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    const element = frame.current!;
    const watch = new ResizeObserver(() => setWidth(Math.max(200, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, [frame]);
  return width;
}

/** The next round number. */
function ceiling(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return (
    [1, 2, 3, 4, 6, 8, 10].map((times) => times * power).find((each) => each >= most) ?? 10 * power
  );
}

/** Set on the element: the content security policy allows no style attributes. */
export function colour(node: SVGElement | null, state: string): void {
  node?.style.setProperty('--hue', String(hueOf(state)));
  node?.style.setProperty('--saturation', `${saturationOf(state)}%`);
}

export const labelOf = ({ from }: Bucket, began: number): string =>
  Number.isFinite(began) ? clock(began + from) : `+${duration(from)}`;

const whenOf = (bucket: Bucket, width: number, began: number): string =>
  `from ${labelOf(bucket, began)}, ${widthWords(width)}`;
