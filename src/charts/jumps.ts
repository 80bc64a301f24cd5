/**
 * Jumps: a transition whose arrow would cross the picture is a row of the box that it leaves, such as `→ idle`.
 * Says how a jump is written, not which arrows become one: that depends on the layout.
 */
import type { Row, Sketch, SketchArrow } from './sketch.ts';

/** The sketch with these of its arrows as rows. */
export function withJumps(sketch: Sketch, jumping: ReadonlySet<SketchArrow>): Sketch {
  if (jumping.size === 0) return sketch;
  return {
    ...sketch,
    arrows: sketch.arrows.filter((arrow) => !jumping.has(arrow)),
    boxes: sketch.boxes.map((box) => {
      const jumps = [...jumping].filter(({ from }) => from === box.path).map(jumpRow);
      const isMove = ({ kind }: Row): boolean => kind === 'move';
      const others = box.rows.filter((row) => !isMove(row));
      return { ...box, rows: [...box.rows.filter(isMove), ...jumps, ...others] };
    }),
  };
}

const jumpRow = ({ from, to, lines }: SketchArrow): Row => ({
  kind: 'move',
  title: nameFrom(from, to),
  lines,
});

/** The path of `to` without the parents that both states have. */
export function nameFrom(from: string, to: string): string {
  const [source, target] = [from.split('.'), to.split('.')];
  const shared = target.findIndex((name, depth) => name !== source[depth]);
  return target.slice(shared).join('.');
}
