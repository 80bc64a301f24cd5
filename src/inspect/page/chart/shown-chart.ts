/**
 * One chart on the page: its drawing with the marks of the present frame, which of its boxes are open, and where it opens.
 * A new drawing is made only when a box opens or closes.
 */
import type { Picture, PictureBox } from '../../../charts/picture.ts';
import { type ShownRows, unfolded } from '../../../charts/unfold.ts';
import type { Page } from '../base/page-context.tsx';
import { isBad } from '../model/state-words.ts';
import { storyOf } from '../model/story.ts';
import { ChartDrawing, type Picked } from './chart-drawing.ts';
import type { RowId } from './chart-map.ts';
import { activeBoxes, allMarks, oneMarks } from './chart-marks.ts';
import type { Area } from './chart-scale.ts';
import type { ChartView } from './chart-view.ts';
import { CHARTS, ONLY_ONE } from './charts.ts';

/** The upper left corner, where charts begin. */
const START = { x: 0, y: 0, width: 0, height: 0 };

/** `elsewhere`: the selection was never in this chart. `lost`: an actor is in a state that the picture lacks. */
export type ChartFit = 'shown' | 'elsewhere' | 'lost';

const NO_ROWS: ReadonlySet<RowId> = new Set();

export class ShownChart {
  readonly #page: Pick<Page, 'store' | 'session'>;
  readonly #machine: string;
  readonly #view: Pick<ChartView, 'show' | 'centre' | 'reveal'>;
  readonly #document: Document;
  /** Paths of boxes that the viewer opened. */
  readonly #open = new Set<string>();
  #drawing: ChartDrawing | null = null;
  /** The shown rows of the drawing, as text. */
  #drawn = '';
  /** For which selection, and for which step, the view was placed. */
  #placed = '';
  #step: number | null = null;

  constructor(
    page: Pick<Page, 'store' | 'session'>,
    machine: string,
    view: Pick<ChartView, 'show' | 'centre' | 'reveal'>,
    document: Document,
  ) {
    this.#page = page;
    this.#machine = machine;
    this.#view = view;
    this.#document = document;
  }

  paint(): ChartFit {
    const { store, session } = this.#page;
    const { map } = CHARTS.get(this.#machine)!;
    const selected = session.selected.peek();
    if (selected === null) {
      const drawing = this.#drawingWith(NO_ROWS);
      const marks = allMarks(map, this.#machine, store);
      drawing.showAll(marks, ONLY_ONE.includes(this.#machine));
      this.#place('all', activeBoxes(marks.counts));
      return marks.isLost ? 'lost' : 'shown';
    }
    const steps = storyOf(store, selected)?.steps ?? [];
    const step = session.step.peek();
    const marks = oneMarks(map, this.#machine, steps, step ?? steps.length - 1);
    this.#drawingWith(marks.rows).showOne(marks);
    const innermost = (paths: ReadonlySet<string>): readonly string[] =>
      activeBoxes(new Map([...paths].map((path) => [path, 1])));
    const active = innermost(marks.on);
    this.#place(selected, this.#reasonsFirst(active, marks.was), innermost(marks.was));
    const [first] = this.#placesOf(active);
    if (step !== this.#step && first) this.#view.reveal(first);
    this.#step = step;
    if (marks.isLost) return 'lost';
    return marks.sequence < 0 && steps.length > 0 ? 'elsewhere' : 'shown';
  }

  /** What ended an actor is more important than the state after it. */
  #reasonsFirst(active: readonly string[], was: ReadonlySet<string>): readonly string[] {
    const isReason = ({ path, shown }: PictureBox) => shown !== undefined && was.has(path);
    const reasons = this.#drawing!.picture.boxes.filter(isReason).map(({ path }) => path);
    return [...reasons, ...active];
  }

  /** Brings the active states into view. */
  centre(): void {
    this.#placed = '';
    this.paint();
  }

  /**
   * Once for each selection, when its states are known; until then the start is in view.
   * @param others Boxes that should be in view too, if they fit.
   */
  #place(selected: string, active: readonly string[], others: readonly string[] = []): void {
    const subject = active.length > 0 ? selected : `${selected} without states`;
    if (subject === this.#placed) return;
    this.#placed = subject;
    this.#view.centre(active.length > 0 ? this.#placesOf([...active, ...others]) : [START]);
  }

  #placesOf(paths: readonly string[]): readonly Area[] {
    const { boxes } = this.#drawing!.picture;
    return paths.flatMap((path) => boxes.find((box) => box.path === path) ?? []);
  }

  /** @param rows Reasons of the selection, which are shown in folded boxes too. */
  #drawingWith(rows: ReadonlySet<RowId>): ChartDrawing {
    const { picture } = CHARTS.get(this.#machine)!;
    const shown = shownIn(picture, this.#open, rows);
    const text = [...shown].map(([path, places]) => `${path} ${[...places]}`).join();
    if (this.#drawing && text === this.#drawn) return this.#drawing;
    this.#drawn = text;
    const focused = this.#drawing?.focusedFold() ?? null;
    const handlers = {
      pick: (picked: Picked) => this.#pick(picked),
      fold: (path: string) => {
        if (!this.#open.delete(path)) this.#open.add(path);
        this.paint();
      },
    };
    const drawing = new ChartDrawing(
      unfolded(picture, shown),
      this.#open,
      handlers,
      this.#document,
    );
    this.#drawing = drawing;
    this.#view.show(drawing.svg, drawing.picture);
    if (focused !== null) drawing.focusFold(focused);
    return drawing;
  }

  /** A jump goes to its target; other parts filter the list by the picked state or reason. */
  #pick({ state, isEnding, isJump }: Picked): void {
    const { session } = this.#page;
    if (isJump) {
      const [place] = this.#placesOf(CHARTS.get(this.#machine)!.map.placeOf(state).boxes);
      if (place) this.#view.centre([place]);
      return;
    }
    if (!['dial-task', 'connection-setup', 'peer'].includes(this.#machine)) return;
    const ended = isEnding || isBad(this.#machine, state);
    session.show(`${ended ? 'reason' : 'state'}:${state}`, ended ? 'ended' : 'live');
    session.select(null);
  }
}

/** All rows of open boxes, and of the others those that are wanted. */
function shownIn(
  { boxes }: Picture,
  open: ReadonlySet<string>,
  wanted: ReadonlySet<RowId>,
): ShownRows {
  return new Map(
    boxes.flatMap(({ path, rows, shown }, box) => {
      if (!shown) return [];
      const places = [...rows.keys()];
      const isShown = (row: number): boolean => open.has(path) || wanted.has(`${box}.${row}`);
      return [[path, new Set(places.filter(isShown))] as const];
    }),
  );
}
